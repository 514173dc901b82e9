"""
Read the linking code out of the very picture that a person would scan.

The emulated phone decodes pixels, not a string that the program passes along:
a picture that is too small, cropped or inverted must fail here as it fails in
a phone's camera.
"""

from __future__ import annotations

import base64
import binascii
import io
from dataclasses import dataclass
from pathlib import Path

import zxingcpp
from PIL import Image, UnidentifiedImageError

from wakit.errors import LinkingFailed

Picture = bytes | Path | Image.Image


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkingCode:
    """What a companion shows to be linked."""

    #: Names the waiting connection on the server.
    ref: str
    noise_public: bytes
    identity_public: bytes
    adv_secret: bytes

    @classmethod
    def parse(cls, text: str) -> LinkingCode:
        """
        Read the text of a linking QR code, with or without its URL.

        Raises:
            LinkingFailed: The text is not a linking code.
        """
        # A ref may hold any character of base64 and a server prefix, but never a comma.
        fields = text.rsplit("#", 1)[-1].split(",")
        try:
            ref, noise, identity, secret = fields[:4]
            keys = [base64.b64decode(field, validate=True) for field in (noise, identity, secret)]
        except (ValueError, binascii.Error) as exc:
            msg = f"{text[:40]!r} is not a WhatsApp linking code. Scan the code that the login shows."
            raise LinkingFailed(msg) from exc
        if not ref or any(len(key) != 32 for key in keys):
            msg = "This linking code is damaged: a key has the wrong length. Scan a new code."
            raise LinkingFailed(msg)
        return cls(ref=ref, noise_public=keys[0], identity_public=keys[1], adv_secret=keys[2])


def read_qr(picture: Picture) -> str:
    """
    Return the text of the one QR code in *picture*.

    Args:
        picture: An image file's bytes, its path, or a PIL image.

    Raises:
        LinkingFailed: Not an image, or no readable QR code in it.
    """
    results = zxingcpp.read_barcodes(_open(picture), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    texts = [result.text for result in results if result.valid]
    if len(texts) != 1:
        found = f"{len(texts) or 'no'} readable QR codes"
        msg = f"The phone found {found} in this picture. Show one code, sharp and with its white margin."
        raise LinkingFailed(msg)
    return texts[0]


def _open(picture: Picture) -> Image.Image:
    if isinstance(picture, Image.Image):
        return picture.convert("RGB")
    source: io.BytesIO | Path = io.BytesIO(picture) if isinstance(picture, bytes) else picture
    try:
        with Image.open(source) as image:
            return image.convert("RGB")
    except FileNotFoundError as exc:
        msg = f"There is no picture at {picture!r}. Save the QR code first."
        raise LinkingFailed(msg) from exc
    except (UnidentifiedImageError, OSError) as exc:
        msg = "The phone cannot open this picture. Give it a PNG of the QR code."
        raise LinkingFailed(msg) from exc
