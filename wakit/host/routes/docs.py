"""
The documentation page: Swagger UI from a package on this machine, nothing from elsewhere.

The page itself tells nothing of this workspace, so it needs no token; the schema that it
shows does, on TCP, and the page asks for one.
"""

from __future__ import annotations

from importlib import resources

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.exceptions import HTTPException

router = APIRouter(prefix="/api/docs", include_in_schema=False)

_ASSETS = {
    "swagger-ui.css": ("fastapi_offline", "text/css"),
    "swagger-ui-bundle.js": ("fastapi_offline", "text/javascript"),
    "docs.js": ("wakit.host", "text/javascript"),
}
_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
}


@router.get("")
def page() -> Response:
    """Return the page."""
    return Response(_static("wakit.host", "docs.html"), media_type="text/html", headers=_HEADERS)


@router.get("/{asset}")
def asset(asset: str) -> Response:
    """Return what the page is made of."""
    if asset not in _ASSETS:
        raise HTTPException(404)
    package, kind = _ASSETS[asset]
    return Response(_static(package, asset), media_type=kind)


def _static(package: str, name: str) -> bytes:
    return resources.files(package).joinpath("static", name).read_bytes()
