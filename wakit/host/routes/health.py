"""The host itself."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from wakit.host.routes.dependencies import Host

router = APIRouter(prefix="/api", tags=["host"])


@router.get("/health")
async def health(host: Host) -> dict[str, Any]:
    """Tell who answers; a client compares it with ``host.json``."""
    return {"pid": host.info.pid, "protocol": host.info.protocol, "version": host.info.version, "started": host.info.started}


@router.post("/host/stop", status_code=202)
async def stop(host: Host) -> dict[str, Any]:
    """End the host once this answer is out; accounts go offline and stay linked."""
    host.stop()
    return {"stopping": True}
