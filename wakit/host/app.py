"""The REST interface as one application; both doors serve the same."""

from __future__ import annotations

from fastapi import Depends, FastAPI

from wakit.host import problems
from wakit.host.guard import App
from wakit.host.routes import (
    events,
    files,
    groups,
    health,
    imports,
    media,
    people,
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

_NOUNS = (
    health,
    seed,
    sessions,
    sends,
    files,
    groups,
    people,
    stored,
    timeline,
    media,
    search,
    imports,
    events,
    tokens,
    webhooks,
)


def create_app(services: Services) -> App:
    """Return the application over the services of one host."""
    # No documentation pages: theirs load scripts from elsewhere. The schema itself is served.
    app = FastAPI(
        title="wakit",
        version=services.info.version,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        dependencies=[Depends(require_scope)],
    )
    app.state.services = services
    problems.install(app)
    for noun in _NOUNS:
        app.include_router(noun.router)
    return services.activity.counting(app)
