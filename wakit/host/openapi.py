"""
The schema as it is served: every failure a problem document, every route with its scope.

FastAPI describes failures of validation in a form of its own, which this host
never sends; here they become what ``problems`` sends.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from wakit.host.problems import MEDIA_TYPE
from wakit.host.scopes import SCOPES

_DESCRIPTION = (
    "The host of one wakit workspace. Through its Unix socket nothing more is needed; on TCP send "
    "`Authorization: Bearer TOKEN`. Lists lead to their next page with the header `Link`."
)
_PROBLEM = {
    "type": "object",
    "required": ["type", "code", "title", "detail", "status", "data"],
    "properties": {
        "type": {"type": "string"},
        "code": {"type": "string", "description": "Stable name of the failure."},
        "title": {"type": "string"},
        "detail": {"type": "string", "description": "What is wrong, and what to do next."},
        "status": {"type": "integer"},
        "data": {"type": "object"},
    },
}
_FAILURE = {
    "description": "A problem document (RFC 9457).",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_METHODS = {"get", "post", "put", "patch", "delete"}


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the schema of *app*, made once."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=_DESCRIPTION, routes=app.routes)
        components = schema.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        schemas["Problem"] = _PROBLEM
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        for path, methods in schema["paths"].items():
            for method, operation in methods.items():
                if method in _METHODS:
                    _complete(operation, f"{method.upper()} {path}")
        app.openapi_schema = schema
    return app.openapi_schema


def _complete(operation: dict[str, Any], route: str) -> None:
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = _FAILURE
    operation["security"] = [{"token": [str(SCOPES.get(route) or "")]}]
