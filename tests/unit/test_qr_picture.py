from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
import qrcode
from PIL import Image, ImageOps

from wakit.emulator.qr import LinkingCode, read_qr
from wakit.errors import LinkingFailed

KEYS = [bytes([number]) * 32 for number in (1, 2, 3)]
TEXT = ",".join(["2@ref/with+signs=", *(base64.b64encode(key).decode() for key in KEYS), "6"])
URL = f"https://wa.me/settings/linked_devices#{TEXT}"


def picture(text: str, *, border: int = 4, size: int = 4) -> Image.Image:
    """Draw a QR code as a login shows it."""
    code = qrcode.QRCode(border=border, box_size=size, error_correction=qrcode.constants.ERROR_CORRECT_L)
    code.add_data(text)
    return code.make_image().get_image().convert("RGB")


def png(image: Image.Image) -> bytes:
    """Return a picture as the bytes of its file."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def test_qr_read_from_bytes_path_and_image(tmp_path: Path) -> None:
    """The same picture is read from memory, from disk and from a PIL image."""
    image, path = picture(URL), tmp_path / "code.png"
    image.save(path)
    assert [URL] * 3 == [read_qr(png(image)), read_qr(path), read_qr(image)]


@pytest.mark.parametrize(
    "change",
    [lambda image: image.rotate(7, expand=True, fillcolor="white"), ImageOps.invert, lambda image: image.resize((400, 400))],
    ids=["tilted", "dark theme", "resized"],
)
def test_qr_read_as_a_camera_would(change) -> None:
    """A tilted, inverted or resized picture is still read."""
    assert URL == read_qr(change(picture(URL)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        png(Image.new("RGB", (300, 300), "white")),
        png(picture(URL).crop((0, 0, 90, 90))),
        png(picture(URL).resize((24, 24))),
    ],
    ids=["empty", "text", "blank", "cropped", "too small"],
)
def test_qr_unreadable_is_a_typed_error(data: bytes) -> None:
    """What a phone cannot read ends in LinkingFailed, whatever is wrong with it."""
    with pytest.raises(LinkingFailed, match="picture"):
        read_qr(data)


def test_qr_two_codes_are_ambiguous() -> None:
    """With two codes in view the phone links neither."""
    both = Image.new("RGB", (800, 400), "white")
    both.paste(picture(URL), (0, 0))
    both.paste(picture("https://example.org"), (500, 0))
    with pytest.raises(LinkingFailed, match="2 readable"):
        read_qr(both)


def test_qr_missing_file_names_the_path(tmp_path: Path) -> None:
    """A path without a picture is named."""
    with pytest.raises(LinkingFailed, match=r"gone\.png"):
        read_qr(tmp_path / "gone.png")


@pytest.mark.parametrize("text", [URL, TEXT])
def test_linking_code_parsed_with_and_without_url(text: str) -> None:
    """The URL in front, new in 2026, makes no difference."""
    code = LinkingCode.parse(text)
    assert ("2@ref/with+signs=", *KEYS) == (code.ref, code.noise_public, code.identity_public, code.adv_secret)


@pytest.mark.parametrize("text", ["", "hola", "https://wa.me/qr/ABC", ",,,", TEXT.replace("AQEB", "####"), "2@a,AA==,AA==,AA=="])
def test_linking_code_other_text_is_refused(text: str) -> None:
    """A QR code that is not a linking code is refused."""
    with pytest.raises(LinkingFailed):
        LinkingCode.parse(text)
