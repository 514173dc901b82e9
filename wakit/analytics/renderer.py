"""
How charts get into a notebook: so that JupyterLab draws them without a network, and whoever else reads it sees a picture.

Altair's own way is a page that fetches Vega from the internet. JupyterLab brings Vega along, and knows
Vega-Lite 5 where Altair writes 6; what the reports use is the same in both. The picture beside it is
for what does not draw: HTML made of a notebook, mails, GitHub.
"""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from typing import Any

import altair as alt
import vl_convert
from PIL import Image

_NAME = "wakit"
_LAB = "application/vnd.vegalite.v5+json"
_LAB_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
#: Twice as fine as on a screen of the usual kind.
_SCALE = 2


def bundle(spec: dict[str, Any], **_options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a chart as everything that a notebook may want to show it as, and how large the picture is to be."""
    picture, (width, height) = _smaller(vl_convert.vegalite_to_png(spec, scale=_SCALE))
    title = spec.get("title", "")
    named = title.get("text", "") if isinstance(title, dict) else title
    shown = {
        _LAB: {**spec, "$schema": _LAB_SCHEMA},
        "image/png": b64encode(picture).decode(),
        "text/plain": f"Chart({named})",
    }
    return shown, {"image/png": {"width": width // _SCALE, "height": height // _SCALE}}


def _smaller(png: bytes) -> tuple[bytes, tuple[int, int]]:
    """Return the same picture in a third of the bytes, since notebooks keep every picture, and its width and height."""
    packed = BytesIO()
    with Image.open(BytesIO(png)) as picture:
        picture.save(packed, "PNG")
        return packed.getvalue(), picture.size


def enable() -> None:
    """Let notebooks show charts this way, unless somebody chose another one."""
    if _NAME not in alt.renderers.names():
        alt.renderers.register(_NAME, bundle)
    if alt.renderers.active == "default":
        alt.renderers.enable(_NAME)
