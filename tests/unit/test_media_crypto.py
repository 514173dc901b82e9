from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wakit.emulator.mediacrypto import MediaKind, decrypt_file, encrypt_file
from wakit.errors import MediaFailed


@given(st.sampled_from(MediaKind), st.binary(max_size=5000))
def test_media_round_trip_with_hashes(kind: MediaKind, plain: bytes) -> None:
    """A file of any kind and size comes back, and both hashes are those of the bytes."""
    sealed = encrypt_file(kind, plain)
    assert plain == decrypt_file(kind, sealed.data, sealed.media_key, file_sha256=sealed.file_sha256)
    hashes = (hashlib.sha256(plain).digest(), hashlib.sha256(sealed.data).digest())
    assert hashes == (sealed.file_sha256, sealed.file_enc_sha256)
    assert len(plain) == sealed.file_length


def test_media_key_derivation_is_that_of_whatsapp() -> None:
    """A file encrypted under a fixed key has the bytes that the official derivation gives."""
    sealed = encrypt_file(MediaKind.IMAGE, b"hola", media_key=bytes(range(32)))
    assert "deb1acc7aa640dd438e4638703af97b048d2dfea46c3be5d47c1" == sealed.data.hex()


@pytest.mark.parametrize("position", [0, 20, -1])
def test_media_damaged_is_refused(position: int) -> None:
    """One flipped bit anywhere is noticed."""
    sealed = encrypt_file(MediaKind.VIDEO, b"x" * 100)
    data = bytearray(sealed.data)
    data[position] ^= 1
    with pytest.raises(MediaFailed):
        decrypt_file(MediaKind.VIDEO, bytes(data), sealed.media_key)


def test_media_of_another_kind_is_refused() -> None:
    """A picture cannot be passed off as a document."""
    sealed = encrypt_file(MediaKind.IMAGE, b"x")
    with pytest.raises(MediaFailed):
        decrypt_file(MediaKind.DOCUMENT, sealed.data, sealed.media_key)


def test_media_other_content_under_the_right_key_is_refused() -> None:
    """The hash in the message decides which file it means."""
    first = encrypt_file(MediaKind.IMAGE, b"one")
    second = encrypt_file(MediaKind.IMAGE, b"two", media_key=first.media_key)
    with pytest.raises(MediaFailed, match="not the one"):
        decrypt_file(MediaKind.IMAGE, second.data, first.media_key, file_sha256=first.file_sha256)
