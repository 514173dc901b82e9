"""
Errors as they travel: ``application/problem+json`` (RFC 9457).

``code`` is the stable name from which a client makes the same exception again.
What is no ``WakitError`` leaves this process as a code and a sentence only; its
text may quote a message body, so it goes nowhere, not even into the log.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic_core import to_jsonable_python
from starlette.exceptions import HTTPException

from wakit.errors import InvalidInput, WakitError, error_code

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
#: Where the seed's routes live; their answers always say ``success``.
SEED = "/api/whatsapp/"


class Refused(HTTPException):
    """A request that no route will answer; FastAPI passes only its own kind through while it reads a body."""

    def __init__(self, status: int, code: str, detail: str, **headers: str) -> None:
        super().__init__(status, detail, headers)
        self.problem = document(code, detail, status)


def describe(error: WakitError) -> dict[str, Any]:
    """Return the problem document of an error."""
    return document(error.code, error.message, type(error).status, error.data)


def document(code: str, detail: str, status: int, data: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a problem document from its parts."""
    return {
        "type": "about:blank",
        "code": code,
        "title": HTTPStatus(status).phrase,
        "detail": detail,
        "status": status,
        "data": to_jsonable_python(data or {}, fallback=str),
    }


def install(app: FastAPI) -> None:
    """Make *app* answer every failure with a problem document."""
    app.add_exception_handler(WakitError, _on_wakit_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_bug)


def _answer(request: Request, problem: dict[str, Any], headers: dict[str, str] | None = None) -> JSONResponse:
    if request.url.path.startswith(SEED):
        problem |= {"success": False, "message": problem["detail"]}
    return JSONResponse(problem, problem["status"], headers=headers, media_type=MEDIA_TYPE)


async def _on_wakit_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, WakitError)
    return _answer(request, describe(error))


async def _on_invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    wrong = [{"field": ".".join(str(part) for part in e["loc"]), "why": e["msg"]} for e in error.errors()]
    detail = "; ".join(f"{e['field']}: {e['why']}" for e in wrong)
    return _answer(request, document(error_code(InvalidInput), detail, InvalidInput.status, {"fields": wrong}))


async def _on_http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if isinstance(error, Refused):
        return _answer(request, error.problem, dict(error.headers or {}))
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    return _answer(request, document(code, str(error.detail), error.status_code), dict(error.headers or {}))


async def _on_bug(request: Request, error: Exception) -> JSONResponse:
    log.error("unexpected error in %s %s", request.method, request.scope.get("route"), exc_info=error)
    detail = f"Something unexpected went wrong in the host ({type(error).__name__}). Its log says where: wakit host logs"
    return _answer(request, document(error_code(WakitError), detail, WakitError.status))
