"""
Arrow arrays over bytes that are there already.

``pyarrow.array`` looks at its values one by one and imports pandas to do so;
these take the memory of numpy arrays and of the file as it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]


def pieces(block: bytes | memoryview, starts: Ints, ends: Ints) -> pa.Array:
    """Return the parts of *block* from each start to its end, which do not overlap and come in order."""
    offsets = np.empty(2 * len(starts) + 1, np.int32)
    offsets[0:-1:2], offsets[1::2], offsets[-1] = starts, ends, len(block)
    both = pa.StringArray.from_buffers(2 * len(starts), pa.py_buffer(offsets), pa.py_buffer(block))
    wanted = np.zeros(2 * len(starts), np.bool_)
    wanted[::2] = True
    return both.filter(booleans(wanted))


def booleans(values: Bools) -> pa.Array:
    """Return truth values."""
    packed = np.packbits(values, bitorder="little")
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(packed)])


def numbers(values: npt.NDArray[Any], kind: pa.DataType) -> pa.Array:
    """Return numbers of the same width as *kind*."""
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def coded(codes: Codes, words: list[str]) -> pa.Array:
    """Return words by their codes; a negative code is nothing."""
    known = codes >= 0
    valid = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
    indices = pa.Array.from_buffers(pa.int32(), len(codes), [valid, pa.py_buffer(np.ascontiguousarray(codes))])
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))


class Words:
    """Gives each word a number, the same in all blocks of a file."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._codes: dict[str, int] = {}

    def codes(self, column: pa.Array) -> Codes:
        """Return the number of each word of a column."""
        column = column.dictionary_encode()
        own = [self.code(word) for word in column.dictionary.to_pylist()]
        return np.asarray(own, np.int32)[column.indices.to_numpy()] if own else np.empty(0, np.int32)

    def code(self, word: str) -> int:
        """Return the number of one word."""
        code = self._codes.setdefault(word, len(self.words))
        if code == len(self.words):
            self.words.append(word)
        return code
