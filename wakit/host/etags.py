"""Answers that are sent only where they changed: a strong ``ETag`` of the bytes, and ``If-None-Match``."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response


def conditional(request: Request, response: Response) -> Response:
    """Return *response* with its tag, or 304 to one who has it already."""
    tag = f'"{blake2b(response.body, digest_size=12).hexdigest()}"'
    if is_known(request, tag):
        return unchanged(tag, response)
    response.headers["etag"] = tag
    return response


def conditional_json(request: Request, content: Any) -> Response:
    """Return *content* as JSON with its tag, or 304 to one who has it already."""
    return conditional(request, JSONResponse(content))


def is_known(request: Request, tag: str) -> bool:
    """Return whether the caller says that it has what *tag* stands for."""
    known = request.headers.get("if-none-match")
    if known is None:
        return False
    return "*" in known or tag in {one.strip().removeprefix("W/") for one in known.split(",")}


def unchanged(tag: str, instead_of: Response | None = None) -> Response:
    """Return the answer that says: what you have is right."""
    headers = {"etag": tag}
    if instead_of is not None and "link" in instead_of.headers:
        headers["link"] = instead_of.headers["link"]
    return Response(status_code=304, headers=headers)
