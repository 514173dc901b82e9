"""
What is said to people about a session: one icon, word, sentence and next step per state.

Times are relative where they are recent, so a
sentence is made for an instant: ``sentence(status, now)``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wakit.languages import Language, mark, speak, translate
from wakit.model import SessionState, SessionStatus

#: Percent of a history that is complete.
DONE = 100


@dataclass(frozen=True, kw_only=True)
class Words:
    """How one state is told in one language; ``{…}`` are filled by ``sentence``."""

    icon: str
    word: str
    sentence: str
    next_step: str = ""


def words(state: SessionState, lang: Language) -> Words:
    """Return icon, word, sentence and next step of a state, with their placeholders."""
    told = _WORDS[state]
    return replace(
        told,
        word=translate(lang, told.word),
        sentence=translate(lang, told.sentence),
        next_step=translate(lang, told.next_step),
    )


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
    return speak(lang, _WORDS[status.state].sentence, **values)


def past(status: SessionStatus, lang: Language) -> str:
    """Return how much of the phone's history is stored, or nothing where none is coming."""
    if status.history_percent is None:
        return ""
    # A narrow space between thousands is right in every language.
    messages = f"{status.history_messages:,}".replace(",", "\u202f")
    if status.history_percent >= DONE:
        return speak(lang, "History complete: {messages} messages", messages=messages)
    return speak(lang, "History: {percent} %, {messages} messages", percent=status.history_percent, messages=messages)


def emulated(lang: Language) -> str:
    """Return what to tell a person wherever a network is not WhatsApp."""
    return speak(lang, "Emulated network: nothing leaves this machine.")


def _seconds(instant: datetime | None, now: datetime) -> int:
    return max(0, round((instant - now).total_seconds())) if instant else 0


def _ago(delta: timedelta) -> str:
    seconds = max(0, int(delta.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


_WORDS: dict[SessionState, Words] = {
    SessionState.STARTING: Words(icon="◌", word=mark("Starting"), sentence=mark("Opening the WhatsApp session.")),
    SessionState.QR: Words(
        icon="▣",
        word=mark("Scan the code"),
        sentence=mark("Scan this code in WhatsApp → Linked devices. Expires in {expires} s."),
        next_step=mark("When it expires, a new one appears by itself."),
    ),
    SessionState.PAIRING: Words(
        icon="⌨",
        word=mark("Type the code"),
        sentence=mark("Type {code} in WhatsApp → Linked devices → Link with phone number."),
        next_step=mark("The code is valid for a few minutes."),
    ),
    SessionState.CONNECTED: Words(
        icon="●", word=mark("Connected"), sentence=mark("Connected as {who}. Last traffic {traffic} ago.")
    ),
    SessionState.RECONNECTING: Words(
        icon="↻",
        word=mark("Reconnecting"),
        sentence=mark("Offline for {since}; retrying in {retry} s. Sends wait in the queue."),
        next_step=mark("Retry now"),
    ),
    SessionState.QR_EXPIRED: Words(
        icon="⌛", word=mark("Code expired"), sentence=mark("The code expired unused."), next_step=mark("New code")
    ),
    SessionState.STALLED: Words(
        icon="✋",
        word=mark("Stalled"),
        sentence=mark("WhatsApp asked for a step this library cannot complete (a passkey, for instance)."),
        next_step=mark("Try a pairing code"),
    ),
    SessionState.LOGGED_OUT: Words(
        icon="⏏",
        word=mark("Logged out"),
        sentence=mark("The phone ended this session on {at}. Stored messages are safe."),
        next_step=mark("Link again"),
    ),
    SessionState.REPLACED: Words(
        icon="⇄",
        word=mark("Used by another program"),
        sentence=mark("Another program is using this session. Not retrying, so as not to fight over it."),
        next_step=mark("Take the session back"),
    ),
    SessionState.OUTDATED: Words(
        icon="⬆",
        word=mark("Outdated"),
        sentence=mark("WhatsApp no longer accepts this version of the library. The session is kept."),
        next_step=mark("Update wakit and connect again"),
    ),
    SessionState.BANNED: Words(
        icon="⛔",
        word=mark("Restricted"),
        sentence=mark("WhatsApp restricted the account until {until}. All sends are paused."),
        next_step=mark("Wait, and review what was sent to whom"),
    ),
    SessionState.DEAF: Words(
        icon="◍", word=mark("No traffic"), sentence=mark("Connected, but no traffic for {traffic}; restarting the session.")
    ),
    SessionState.STORAGE_FULL: Words(
        icon="⛁",
        word=mark("Disk full"),
        sentence=mark("The disk is full and messages cannot be stored. The session is paused and nothing was lost."),
        next_step=mark("Free some space: it resumes by itself"),
    ),
    SessionState.STOPPED: Words(
        icon="○", word=mark("Stopped"), sentence=mark("The session is not running."), next_step=mark("Connect")
    ),
}
