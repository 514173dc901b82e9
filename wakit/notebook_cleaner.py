"""
Take everything out of a notebook that a run left in it.

Clearing outputs is not enough: kernels, papermill and nbconvert store the state
of widgets in the notebook's metadata, and with it pictures of QR codes, phone
numbers and what was typed into password fields. What stays is what a person
wrote: sources, cell ids, papermill's tags and the name of the kernel.

As a pre-commit hook or by hand it cleans files in place; without arguments it
is a git clean filter from stdin to stdout.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor, ClearOutputPreprocessor

#: Without the kernel's name papermill does not know what to run.
_NOTEBOOK_KEYS = {"kernelspec", ("language_info", "name")}
_CELL_KEYS = {"tags"}


def clean(text: str) -> str:
    """Return the notebook *text* without outputs, counters, widget state and other traces of a run."""
    notebook = nbformat.reads(text, as_version=4)
    ClearOutputPreprocessor().preprocess(notebook, {})
    keep = ClearMetadataPreprocessor(preserve_nb_metadata_mask=_NOTEBOOK_KEYS, preserve_cell_metadata_mask=_CELL_KEYS)
    keep.preprocess(notebook, {})
    return str(nbformat.writes(notebook)).rstrip("\n") + "\n"


def main(arguments: list[str]) -> int:
    """Clean the named notebooks in place, or stdin to stdout; return 1 when a file had to be changed."""
    if not arguments:
        sys.stdout.write(clean(sys.stdin.read()))
        return 0
    changed = False
    for path in map(Path, arguments):
        before = path.read_text("utf-8")
        after = clean(before)
        if before != after:
            path.write_text(after, "utf-8")
            changed = True
    return int(changed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
