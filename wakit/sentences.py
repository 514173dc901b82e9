"""
What is said to people about a session: one icon, word, sentence and next step per state.

Spanish first, English complete. Times are relative where they are recent, so a
sentence is made for an instant: ``sentence(status, now)``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from wakit.model import SessionState, SessionStatus

Language = Literal["es", "en"]

EMULATED: dict[Language, str] = {
    "es": "Red emulada: nada sale de este equipo.",
    "en": "Emulated network: nothing leaves this machine.",
}


@dataclass(frozen=True, kw_only=True)
class Words:
    """How one state is told in one language; ``{…}`` are filled by ``sentence``."""

    icon: str
    word: str
    sentence: str
    next_step: str = ""


def language(preferred: str | None = None) -> Language:
    """Return the language to speak: *preferred*, else that of ``LANG``, else Spanish."""
    for text in (preferred, os.environ.get("LC_ALL"), os.environ.get("LANG")):
        if text and text[:2].lower() in {"es", "en"}:
            return "es" if text[:2].lower() == "es" else "en"
    return "es"


def words(state: SessionState, lang: Language) -> Words:
    """Return icon, word, sentence and next step of a state, with their placeholders."""
    return _WORDS[lang][state]


def sentence(status: SessionStatus, now: datetime, lang: Language) -> str:
    """Return what to tell a person about this session at this instant."""
    values = {
        "who": " · ".join(part for part in (status.push_name, status.phone) if part) or status.account,
        "expires": _seconds(status.code_expires_at, now),
        "since": _ago(now - status.since),
        "at": status.since.astimezone().strftime("%Y-%m-%d %H:%M"),
        "retry": _seconds(status.retry_at, now),
        "traffic": _ago(now - status.last_traffic_at) if status.last_traffic_at else "—",
        "until": status.banned_until.astimezone().strftime("%Y-%m-%d %H:%M") if status.banned_until else "—",
        "code": status.pairing_code or "",
    }
    return _WORDS[lang][status.state].sentence.format_map(values)


def _seconds(instant: datetime | None, now: datetime) -> int:
    return max(0, round((instant - now).total_seconds())) if instant else 0


def _ago(delta: timedelta) -> str:
    seconds = max(0, int(delta.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


_WORDS: dict[Language, dict[SessionState, Words]] = {
    "es": {
        SessionState.STARTING: Words(icon="◌", word="Iniciando", sentence="Abriendo la sesión de WhatsApp."),
        SessionState.QR: Words(
            icon="▣",
            word="Escanea el código",
            sentence="Escanea este código con WhatsApp → Dispositivos vinculados. Caduca en {expires} s.",
            next_step="Si caduca, aparece otro por sí solo.",
        ),
        SessionState.PAIRING: Words(
            icon="⌨",
            word="Escribe el código",
            sentence="Escribe {code} en WhatsApp → Dispositivos vinculados → Vincular con número de teléfono.",
            next_step="El código vale unos minutos.",
        ),
        SessionState.CONNECTED: Words(
            icon="●", word="Conectado", sentence="Conectado como {who}. Último tráfico hace {traffic}."
        ),
        SessionState.RECONNECTING: Words(
            icon="↻",
            word="Reconectando",
            sentence="Sin conexión desde hace {since}; reintento en {retry} s. Los envíos esperan en la cola.",
            next_step="Reintentar ya",
        ),
        SessionState.QR_EXPIRED: Words(
            icon="⌛", word="Código caducado", sentence="El código caducó sin usarse.", next_step="Nuevo código"
        ),
        SessionState.STALLED: Words(
            icon="✋",
            word="Detenido",
            sentence="WhatsApp pidió un paso que esta biblioteca no puede completar (por ejemplo, una passkey).",
            next_step="Probar con código de vinculación",
        ),
        SessionState.LOGGED_OUT: Words(
            icon="⏏",
            word="Sesión cerrada",
            sentence="El teléfono cerró esta sesión el {at}. Los mensajes guardados siguen aquí.",
            next_step="Vincular de nuevo",
        ),
        SessionState.REPLACED: Words(
            icon="⇄",
            word="En uso por otro programa",
            sentence="Otra aplicación está usando esta sesión. No reintento para no pelear por ella.",
            next_step="Recuperar la sesión",
        ),
        SessionState.OUTDATED: Words(
            icon="⬆",
            word="Versión antigua",
            sentence="WhatsApp ya no acepta esta versión de la biblioteca. La sesión sigue guardada.",
            next_step="Actualizar wakit y conectar de nuevo",
        ),
        SessionState.BANNED: Words(
            icon="⛔",
            word="Restringida",
            sentence="WhatsApp restringió la cuenta hasta {until}. Todos los envíos están en pausa.",
            next_step="Esperar, y revisar qué se envió y a quién",
        ),
        SessionState.DEAF: Words(
            icon="◍", word="Sin tráfico", sentence="Conectado, pero sin tráfico desde hace {traffic}; reinicio la sesión."
        ),
        SessionState.STORAGE_FULL: Words(
            icon="⛁",
            word="Disco lleno",
            sentence="El disco está lleno y no puedo guardar mensajes. La sesión está en pausa y nada se ha perdido.",
            next_step="Liberar espacio: sigue por sí sola",
        ),
        SessionState.STOPPED: Words(icon="○", word="Detenida", sentence="La sesión no está en marcha.", next_step="Conectar"),
    },
    "en": {
        SessionState.STARTING: Words(icon="◌", word="Starting", sentence="Opening the WhatsApp session."),
        SessionState.QR: Words(
            icon="▣",
            word="Scan the code",
            sentence="Scan this code in WhatsApp → Linked devices. Expires in {expires} s.",
            next_step="When it expires, a new one appears by itself.",
        ),
        SessionState.PAIRING: Words(
            icon="⌨",
            word="Type the code",
            sentence="Type {code} in WhatsApp → Linked devices → Link with phone number.",
            next_step="The code is valid for a few minutes.",
        ),
        SessionState.CONNECTED: Words(icon="●", word="Connected", sentence="Connected as {who}. Last traffic {traffic} ago."),
        SessionState.RECONNECTING: Words(
            icon="↻",
            word="Reconnecting",
            sentence="Offline for {since}; retrying in {retry} s. Sends wait in the queue.",
            next_step="Retry now",
        ),
        SessionState.QR_EXPIRED: Words(icon="⌛", word="Code expired", sentence="The code expired unused.", next_step="New code"),
        SessionState.STALLED: Words(
            icon="✋",
            word="Stalled",
            sentence="WhatsApp asked for a step this library cannot complete (a passkey, for instance).",
            next_step="Try a pairing code",
        ),
        SessionState.LOGGED_OUT: Words(
            icon="⏏",
            word="Logged out",
            sentence="The phone ended this session on {at}. Stored messages are safe.",
            next_step="Link again",
        ),
        SessionState.REPLACED: Words(
            icon="⇄",
            word="Used by another program",
            sentence="Another program is using this session. Not retrying, so as not to fight over it.",
            next_step="Take the session back",
        ),
        SessionState.OUTDATED: Words(
            icon="⬆",
            word="Outdated",
            sentence="WhatsApp no longer accepts this version of the library. The session is kept.",
            next_step="Update wakit and connect again",
        ),
        SessionState.BANNED: Words(
            icon="⛔",
            word="Restricted",
            sentence="WhatsApp restricted the account until {until}. All sends are paused.",
            next_step="Wait, and review what was sent to whom",
        ),
        SessionState.DEAF: Words(
            icon="◍", word="No traffic", sentence="Connected, but no traffic for {traffic}; restarting the session."
        ),
        SessionState.STORAGE_FULL: Words(
            icon="⛁",
            word="Disk full",
            sentence="The disk is full and messages cannot be stored. The session is paused and nothing was lost.",
            next_step="Free some space: it resumes by itself",
        ),
        SessionState.STOPPED: Words(icon="○", word="Stopped", sentence="The session is not running.", next_step="Connect"),
    },
}
