"""
A QR code as people see it: PNG, data URL, or half blocks in a terminal.

Dark on white with the quiet zone that the standard asks for (4 modules), whatever
the theme around it: phones do not reliably read inverted codes. Error correction
is L because a screen neither tears nor smudges and fewer modules stay crisp at
the size of a notebook card.
"""

from __future__ import annotations

import base64
import io

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_L

#: Modules of white around the code.
QUIET_ZONE = 4

_WHITE_PAPER = "\x1b[30;107m"
_RESET = "\x1b[0m"
_LIGHT_INK = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
_DARK_INK = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}


def png(text: str, *, scale: int = 8, border: int = QUIET_ZONE) -> bytes:
    """
    Return the QR code of *text* as a PNG picture.

    Args:
        text: What the phone shall read.
        scale: Pixels per module.
        border: White modules on each side.
    """
    modules = _modules(text, border)
    side = len(modules)
    image = Image.new("1", (side, side), 1)
    image.putdata([0 if dark else 1 for row in modules for dark in row])
    file = io.BytesIO()
    image.resize((side * scale, side * scale), Image.Resampling.NEAREST).save(file, "PNG", optimize=True)
    return file.getvalue()


def data_url(text: str, *, scale: int = 8, border: int = QUIET_ZONE) -> str:
    """Return the QR code of *text* as ``data:image/png;base64,…``."""
    return f"data:image/png;base64,{base64.b64encode(png(text, scale=scale, border=border)).decode()}"


def half_blocks(text: str, *, color: bool = True, border: int = QUIET_ZONE) -> str:
    """
    Return the QR code of *text* for a terminal, two rows of modules a line.

    Args:
        text: What the phone shall read.
        color: Paint black on white by ANSI codes, right on any theme; without
            them the light modules are drawn, right on a dark terminal.
        border: White modules on each side.
    """
    modules = _modules(text, border)
    if len(modules) % 2:
        modules.append([False] * len(modules))
    ink = _DARK_INK if color else _LIGHT_INK
    lines = (
        "".join(ink[pair] for pair in zip(top, below, strict=True))
        for top, below in zip(modules[::2], modules[1::2], strict=True)
    )
    return "\n".join(f"{_WHITE_PAPER}{line}{_RESET}" if color else line for line in lines)


def _modules(text: str, border: int) -> list[list[bool]]:
    """Return the rows of the code, ``True`` where it is dark, with the quiet zone around."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_L, border=border)
    code.add_data(text)
    code.make(fit=True)
    return [[bool(dark) for dark in row] for row in code.get_matrix()]
