"""
Which scope each route asks for: here and nowhere else.

A route that is not in the table asks for ``admin``, and a test fails for it.

Here also ends what a dry run may do. The kernel of a run has ``WAKIT_RUN`` in its environment, and every client (also one
in a program that the notebook starts) says so with each request. The host looks the run up: while it goes on and may send,
nothing changes; otherwise only ``read`` is left, whatever the notebook asks for. This keeps a notebook with a mistake from
sending. It does not keep out a person who means to: they own the socket, and could as well run it with ``--send``.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import HTTPConnection

from wakit.access import RUN_HEADER, Scope
from wakit.errors import DryRun
from wakit.host.problems import Refused
from wakit.host.tokens import Access

_DOCS = "/api/docs"
SCOPES: Final[dict[str, Scope | None]] = {
    # what stands in the package: the only thing that is shown to strangers
    "GET /api/docs": None,
    "GET /api/docs/{asset}": None,
    "GET /api/health": Scope.READ,
    "POST /api/host/stop": Scope.ADMIN,
    "POST /api/whatsapp/connect": Scope.ADMIN,
    "GET /api/whatsapp/status": Scope.READ,
    "POST /api/whatsapp/send": Scope.SEND,
    "POST /api/whatsapp/disconnect": Scope.ADMIN,
    "GET /api/sessions": Scope.READ,
    "GET /api/sessions/{account}": Scope.READ,
    "GET /api/sessions/{account}/watch": Scope.READ,
    "POST /api/sessions/{account}/connect": Scope.ADMIN,
    "POST /api/sessions/{account}/pair": Scope.ADMIN,
    "POST /api/sessions/{account}/new-code": Scope.ADMIN,
    "POST /api/sessions/{account}/retry": Scope.ADMIN,
    "POST /api/sessions/{account}/take-over": Scope.ADMIN,
    "POST /api/sessions/{account}/stop": Scope.ADMIN,
    "POST /api/sessions/{account}/logout": Scope.ADMIN,
    "POST /api/sends": Scope.SEND,
    "POST /api/files": Scope.SEND,
    "GET /api/campaigns": Scope.READ,
    # a plan sends nothing, and is what a dry run is for
    "POST /api/campaigns": Scope.READ,
    "GET /api/campaigns/{campaign}": Scope.READ,
    "GET /api/campaigns/{campaign}/plan": Scope.READ,
    "GET /api/campaigns/{campaign}/progress": Scope.READ,
    "GET /api/campaigns/{campaign}/results": Scope.READ,
    "POST /api/campaigns/{campaign}/rehearse": Scope.READ,
    "POST /api/campaigns/{campaign}/start": Scope.SEND,
    "POST /api/campaigns/{campaign}/pause": Scope.SEND,
    "POST /api/campaigns/{campaign}/resume": Scope.SEND,
    "POST /api/campaigns/{campaign}/cancel": Scope.SEND,
    "GET /api/sends": Scope.READ,
    "GET /api/sends/{send_id}": Scope.READ,
    "POST /api/sends/{send_id}/cancel": Scope.SEND,
    "POST /api/sends/{send_id}/arrived": Scope.SEND,
    "POST /api/sends/{send_id}/again": Scope.SEND,
    "GET /api/groups": Scope.READ,
    "POST /api/groups": Scope.SEND,
    "GET /api/groups/{group}": Scope.READ,
    "POST /api/groups/{group}/members": Scope.SEND,
    "POST /api/groups/{group}/subject": Scope.SEND,
    "POST /api/groups/{group}/leave": Scope.SEND,
    "GET /api/groups/{group}/link": Scope.SEND,
    "POST /api/groups/{group}/link": Scope.SEND,
    "POST /api/numbers": Scope.SEND,
    "GET /api/profile": Scope.READ,
    "POST /api/profile": Scope.ADMIN,
    "GET /api/profile/picture": Scope.READ,
    "GET /api/blocked": Scope.READ,
    "POST /api/blocked": Scope.SEND,
    "POST /api/typing": Scope.SEND,
    "GET /api/messages": Scope.READ,
    "POST /api/messages/read": Scope.SEND,
    "GET /api/chats": Scope.READ,
    "GET /api/contacts": Scope.READ,
    "GET /api/intervals": Scope.READ,
    "GET /api/timeline": Scope.READ,
    "GET /api/inbox": Scope.READ,
    "GET /api/coverage": Scope.READ,
    "GET /api/media": Scope.READ,
    "GET /api/media/{account}/{message_id}": Scope.READ,
    "POST /api/sql": Scope.READ,
    "GET /api/search": Scope.READ,
    "GET /api/search/context": Scope.READ,
    "POST /api/search/rebuild": Scope.ADMIN,
    # names a file of the machine
    "POST /api/imports": Scope.ADMIN,
    "GET /api/imports": Scope.READ,
    "POST /api/imports/{number}/undo": Scope.ADMIN,
    "GET /api/events": Scope.READ,
    "GET /api/events/ws": Scope.READ,
    "POST /api/runs": Scope.SEND,
    "POST /api/runs/{run_id}/finish": Scope.SEND,
    "GET /api/runs": Scope.READ,
    "GET /api/runs/{run_id}": Scope.READ,
    "GET /api/tokens": Scope.ADMIN,
    "POST /api/tokens": Scope.ADMIN,
    "DELETE /api/tokens/{name}": Scope.ADMIN,
    "GET /api/webhooks": Scope.ADMIN,
    "POST /api/webhooks": Scope.ADMIN,
    "DELETE /api/webhooks/{webhook_id}": Scope.ADMIN,
    "GET /api/webhooks/{webhook_id}/dead": Scope.ADMIN,
    "POST /api/webhooks/{webhook_id}/retry": Scope.ADMIN,
    "GET /api/consents": Scope.READ,
    "POST /api/consents/opt-in": Scope.SEND,
    "POST /api/consents/opt-out": Scope.SEND,
    # names a file of the machine
    "POST /api/consents/import": Scope.ADMIN,
    "GET /api/pacing": Scope.READ,
    "POST /api/pacing/pause": Scope.SEND,
    # whoever stopped it, a program that may only send does not end it
    "POST /api/pacing/resume": Scope.ADMIN,
    "GET /api/schedules": Scope.READ,
    # runs a program of the machine
    "POST /api/schedules": Scope.ADMIN,
    "DELETE /api/schedules/{name}": Scope.ADMIN,
    "GET /api/schedules/{name}/firings": Scope.ADMIN,
    "POST /api/schedules/{name}/pause": Scope.ADMIN,
    "POST /api/schedules/{name}/resume": Scope.ADMIN,
    "POST /api/schedules/{name}/run": Scope.ADMIN,
}


def scope_of(method: str, path: str) -> Scope | None:
    """Return what a route asks for, if anything; *path* is its template, and a WebSocket's method is GET."""
    return SCOPES.get(f"{method} {path}", Scope.ADMIN)


def is_public(method: str, path: str) -> bool:
    """Return whether an address is for those as well who have no token."""
    return method == "GET" and (path == _DOCS or path.startswith(f"{_DOCS}/"))


async def require_scope(connection: HTTPConnection) -> None:
    """Refuse a caller whose token has not the scope of this route; a dependency of all routes."""
    access = connection.state.access = _access(connection)
    needed = scope_of(connection.scope.get("method", "GET"), connection.scope["route"].path)
    if needed is not None and not access.may(needed):
        if access.bounds is not None:
            raise DryRun(access.bounds)
        detail = f"The token {access.name!r} has not the scope {needed}. Run: wakit token create NAME --scope {needed}"
        raise Refused(403, "insufficient-scope", detail)


def _access(connection: HTTPConnection) -> Access:
    """Return what the caller may, inside of the run that it says it belongs to."""
    access: Access = connection.state.access
    run_id = connection.headers.get(RUN_HEADER)
    return access if run_id is None else access.within(connection.app.state.services.runs.find(run_id))
