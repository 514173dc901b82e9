"""
The four endpoints that dashboards of this kind already call, with exactly their JSON.

``account`` selects the user. ``status`` is the session's state in capitals; an
account that was never linked is ``STOPPED``, because a dashboard asks before anybody
has connected.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from wakit.errors import LinkingFailed, SendFailed, SendUnknown
from wakit.host.etags import conditional_json
from wakit.host.routes.bodies import AccountBody, ConnectBody, SeedSendBody
from wakit.host.routes.dependencies import Host, IdempotencyKey
from wakit.ids import DEFAULT_ACCOUNT
from wakit.model import SendState, SessionState, SessionStatus
from wakit.outgoing import Text

router = APIRouter(prefix="/api/whatsapp", tags=["whatsapp"])

_MESSAGES = {
    SessionState.QR: "QR generado. Escanea con WhatsApp.",
    SessionState.PAIRING: "Código generado. Escríbelo en WhatsApp → Dispositivos vinculados.",
    SessionState.CONNECTED: "WhatsApp ya está conectado.",
}
_STARTED = "Conexión iniciada. Consulta el estado."


@router.post("/connect")
async def connect(host: Host, body: ConnectBody | None = None) -> dict[str, Any]:
    """Connect, or start to link: answers with the QR as a PNG data URL once there is one."""
    asked = body or ConnectBody()
    await host.registry.connect(asked.account, network=asked.network, phone=asked.number(host.settings.country))
    found = await host.registry.settled(asked.account)
    if found.state.is_final:
        msg = f"The account {asked.account!r} is {found.state} ({found.reason or 'no reason given'})."
        raise LinkingFailed(msg, account=asked.account, state=str(found.state))
    code = {"pairingCode": found.pairing_code} if found.pairing_code else {}
    return {"success": True, "qr": _picture(found), "message": _MESSAGES.get(found.state, _STARTED), **code}


@router.get("/status")
async def status(host: Host, request: Request, account: str = DEFAULT_ACCOUNT) -> Response:
    """Tell how the session is."""
    found = host.registry.presence(account)
    at = found.last_connected_at
    connection = {"phoneNumber": found.phone, "lastConnectedAt": at.isoformat().replace("+00:00", "Z") if at else None}
    told = {
        "success": True,
        "status": found.state.name,
        "isConnected": found.state is SessionState.CONNECTED,
        "qrCode": _picture(found),
        "connection": connection if found.phone else None,
    }
    return conditional_json(request, told)


@router.post("/send")
async def send(host: Host, body: SeedSendBody, key: IdempotencyKey = None) -> dict[str, Any]:
    """Send a text; while the account is offline it waits in the queue."""
    sent = await host.sender.send(body.account, body.to, Text(text=body.content), idempotency_key=key)
    if sent.state is SendState.FAILED:
        raise SendFailed(f"The message was not sent: {sent.error}", id=sent.id)
    if sent.state is SendState.UNKNOWN:
        raise SendUnknown(None, id=sent.id)
    queued = sent.state in {SendState.QUEUED, SendState.SENDING}
    return {"success": True, "message": "Message queued" if queued else "Message sent successfully"}


@router.post("/disconnect")
async def disconnect(host: Host, body: AccountBody | None = None) -> dict[str, Any]:
    """Unlink the device on the phone and remove the session; stored messages stay."""
    await host.registry.logout((body or AccountBody()).account)
    return {"success": True, "message": "Disconnected successfully"}


def _picture(status: SessionStatus) -> str | None:
    if status.qr is None:
        return None
    from wakit import qr_image  # Pillow with it, for those hosts only that are asked for a picture

    return qr_image.data_url(status.qr)
