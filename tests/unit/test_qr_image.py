"""What a phone's camera reads from each of the three forms of a code."""

from __future__ import annotations

import base64
import io
import re

import pytest
import zxingcpp
from PIL import Image

from wakit import qr_image

TEXT = "https://wa.me/settings/linked_devices#2@" + "a1B2c3D4+/" * 24 + "=,x,y,z"


def read(image: Image.Image) -> str:
    found = zxingcpp.read_barcodes(image)
    assert len(found) == 1
    return found[0].text


def from_lines(lines: list[str], dark: dict[str, tuple[bool, bool]]) -> Image.Image:
    rows = [[dark[char][half] for char in line] for line in lines for half in (0, 1)]
    image = Image.new("L", (len(rows[0]), len(rows)), 255)
    image.putdata([0 if cell else 255 for row in rows for cell in row])
    return image.resize((image.width * 6, image.height * 6), Image.Resampling.NEAREST)


@pytest.mark.parametrize("scale", [2, 4, 8])
def test_png_is_read_by_a_camera(scale: int) -> None:
    """The picture says what was put in, at any size."""
    assert read(Image.open(io.BytesIO(qr_image.png(TEXT, scale=scale)))) == TEXT


def test_png_has_a_white_quiet_zone() -> None:
    """Four modules of white surround the code, so that a dark theme cannot touch it."""
    image = Image.open(io.BytesIO(qr_image.png(TEXT, scale=3))).convert("L")
    edge = 4 * 3
    assert image.crop((0, 0, image.width, edge)).getextrema() == (255, 255)
    assert image.crop((0, 0, edge, image.height)).getextrema() == (255, 255)


def test_data_url_carries_the_picture() -> None:
    """The data URL is the PNG, for an <img> and for the REST answer."""
    head, _, body = qr_image.data_url(TEXT).partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(body, validate=True) == qr_image.png(TEXT)


def test_half_blocks_in_color_are_read_by_a_camera() -> None:
    """Black on white by ANSI codes: the same picture whatever the terminal's theme."""
    text = qr_image.half_blocks(TEXT)
    lines = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in text.splitlines()]
    assert all(line.startswith("\x1b[30;107m") for line in text.splitlines())
    dark = {"█": (True, True), "▀": (True, False), "▄": (False, True), " ": (False, False)}
    assert read(from_lines(lines, dark)) == TEXT


def test_half_blocks_without_color_draw_the_light_modules() -> None:
    """Plain characters give the code on a dark terminal."""
    dark = {"█": (False, False), "▀": (False, True), "▄": (True, False), " ": (True, True)}
    assert read(from_lines(qr_image.half_blocks(TEXT, color=False).splitlines(), dark)) == TEXT
