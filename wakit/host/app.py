"""The REST interface as one application; both doors serve the same."""

from __future__ import annotations

from fastapi import Depends, FastAPI

from wakit.host import openapi, problems
from wakit.host.guard import App
from wakit.host.routes import (
    campaigns,
    consents,
    docs,
    events,
    files,
    groups,
    health,
    imports,
    inbox,
    media,
    pacing,
    people,
    runs,
    schedules,
    search,
    seed,
    sends,
    sessions,
    stored,
    timeline,
    tokens,
    webhooks,
)
from wakit.host.scopes import require_scope
from wakit.host.services import Services

#: Requests try the routes one after the other: those that somebody waits for many times an hour come first.
_NOUNS = (
    sends,
    stored,
    docs,
    health,
    seed,
    sessions,
    files,
    groups,
    people,
    timeline,
    inbox,
    media,
    search,
    imports,
    events,
    runs,
    tokens,
    webhooks,
    consents,
    pacing,
    schedules,
    campaigns,
)


def create_app(services: Services) -> App:
    """Return the application over the services of one host."""
    app = FastAPI(
        title="wakit",
        version=services.info.version,
        docs_url=None,  # ours is in routes/docs: FastAPI's loads scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
        dependencies=[Depends(require_scope)],
    )
    app.state.services = services
    app.openapi = lambda: openapi.describe(app)  # type: ignore[method-assign]
    problems.install(app)
    for noun in _NOUNS:
        app.include_router(noun.router)
    return services.activity.counting(app)
