"""
What the login card shows, as a function of what is known: no browser, no kernel, no clock of its own.

A card travels to the browser as a custom message, which nothing stores.
Synced traits end up in ``metadata.widgets`` of executed notebooks, so no trait
ever holds a code or a number.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from wakit.ids import DEFAULT_ACCOUNT, JID
from wakit.languages import Language
from wakit.model import SessionState, SessionStatus
from wakit.redact import initials, mask_phone
from wakit.sentences import emulated, past, sentence, words
from wakit.widgets.words import device_text, no_host, texts, who

#: Pixels per module of the picture; the browser shows it at a whole multiple of the module.
QR_SCALE = 4


class Command(StrEnum):
    """What the browser may ask for."""

    CONNECT = "connect"
    NEW_CODE = "new_code"
    PAIR = "pair"
    RETRY = "retry"
    TAKE_OVER = "take_over"
    STOP = "stop"
    LOGOUT = "logout"
    #: Look at another account.
    ACCOUNT = "account"
    #: Hold the picture in front of the emulated phone.
    SCAN = "scan"
    START_HOST = "start_host"
    #: Open the phone field; the browser does it by itself.
    ASK_PHONE = "ask_phone"


@dataclass(frozen=True, kw_only=True)
class View:
    """Everything that is known about one account, from which its card follows."""

    account: str
    #: The last snapshot; ``None`` before the first.
    status: SessionStatus | None = None
    #: Snapshots of all accounts of the workspace, for the chooser.
    accounts: tuple[SessionStatus, ...] = ()
    #: Whether a host answers.
    attached: bool = True
    #: What is being done for the person right now.
    busy: Command | None = None
    #: What went wrong with the last thing that the person asked for.
    problem: str | None = None
    #: The request that it belongs to.
    problem_of: Command | None = None
    #: The picture of the code that is shown.
    picture: bytes | None = None
    #: Seconds that the code was valid for when it was first seen.
    span: float | None = None
    #: Whether an emulated phone can be asked to scan.
    phone_near: bool = False
    #: Initials instead of the name, and a masked number.
    private: bool = False

    @property
    def state(self) -> SessionState:
        return self.status.state if self.status else SessionState.STOPPED


#: What the next step of a state does when it is more than advice.
_STEPS = {
    SessionState.STOPPED: Command.CONNECT,
    SessionState.QR_EXPIRED: Command.NEW_CODE,
    SessionState.STALLED: Command.ASK_PHONE,
    SessionState.LOGGED_OUT: Command.CONNECT,
    SessionState.REPLACED: Command.TAKE_OVER,
    SessionState.RECONNECTING: Command.RETRY,
}
_PAIRING_OFFERED = frozenset({SessionState.QR, SessionState.QR_EXPIRED, SessionState.STALLED})


def card(view: View, now: datetime, lang: Language) -> dict[str, Any]:
    """Return the message that draws the whole card."""
    status = view.status
    unreal = status is not None and status.emulated
    linked = bool(status and (status.state.is_linked or (status.phone and status.state is SessionState.STOPPED)))
    return {
        "t": "card",
        "state": view.state.value if view.attached else "no_host",
        "account": view.account,
        "tag": view.account if view.account != DEFAULT_ACCOUNT or len(view.accounts) > 1 else None,
        "accounts": [_choice(other, lang) for other in view.accounts],
        "folded": view.attached and view.state is SessionState.CONNECTED,
        "emulated": emulated(lang) if unreal else None,
        "unofficial": status is not None and not unreal and not linked,
        "phone": phone_of(status, private=view.private) if status else None,
        "name": veiled(status).push_name if status and view.private else status.push_name if status else None,
        "device": _device(status, lang),
        "reason": status.reason if status and not view.state.is_waiting else None,
        "linked": linked and view.attached,
        "busy": view.busy,
        "problem": view.problem,
        "problem_of": view.problem_of,
        "past": past(status, lang) if status and view.attached else "",
        "past_percent": status.history_percent if status else None,
        **_head(view, lang),
        **_code(view),
        **beat(view, now, lang),
    }


def beat(view: View, now: datetime, lang: Language) -> dict[str, Any]:
    """Return what changes by the mere passing of time."""
    status = view.status
    if status is None or not view.attached:
        return {"sentence": no_host(lang).sentence if not view.attached else "", "left": None}
    expires = status.code_expires_at if status.state.is_waiting else None
    return {
        "sentence": sentence(veiled(status) if view.private else status, now, lang),
        "left": max(0.0, (expires - now).total_seconds()) if expires else None,
    }


def veiled(status: SessionStatus) -> SessionStatus:
    """Return a snapshot that names nobody: initials, and a masked number."""
    name, phone = status.push_name, status.phone
    return replace(status, push_name=initials(name) if name else None, phone=mask_phone(phone) if phone else None)


def phone_of(status: SessionStatus, *, private: bool) -> str | None:
    """Return the account's number as people write it, or as much of it as others may see."""
    if private or not status.phone:
        return veiled(status).phone
    return who(status.phone, status.account)


def summary(status: SessionStatus, lang: Language) -> str:
    """Return the card in one line for places that keep what they are told: no number, no name."""
    told = words(status.state, lang)
    where = f" · {texts(lang).emulated}" if status.emulated else ""
    return f"{told.icon} {told.word} · {status.account}{where}"


def _head(view: View, lang: Language) -> dict[str, Any]:
    if not view.attached:
        absent = no_host(lang)
        return {"icon": absent.icon, "word": absent.word, "advice": "", "step": _step(Command.START_HOST, absent.next_step)}
    if view.status is None:
        return {"icon": "◌", "word": texts(lang).kernel_wait, "advice": "", "step": None}
    told = words(view.state, lang)
    does = _STEPS.get(view.state)
    return {
        "icon": told.icon,
        "word": told.word,
        "advice": "" if does else told.next_step,
        "step": _step(does, told.next_step) if does else None,
    }


def _step(does: Command, label: str) -> dict[str, str]:
    return {"does": does.value, "label": label}


def _code(view: View) -> dict[str, Any]:
    status, state = view.status, view.state
    waiting = status is not None and view.attached
    shows_qr = waiting and state is SessionState.QR and view.picture is not None
    return {
        "qr": _qr(view.picture) if shows_qr and view.picture else None,
        "code": status.pairing_code if status and waiting and state is SessionState.PAIRING else None,
        "span": view.span,
        "pairs": waiting and state in _PAIRING_OFFERED,
        "stops": waiting and (state.is_waiting or state is SessionState.STARTING),
        "scans": view.phone_near and waiting and state.is_waiting,
    }


def _qr(picture: bytes) -> dict[str, Any]:
    return {"src": f"data:image/png;base64,{base64.b64encode(picture).decode()}", "scale": QR_SCALE}


def _choice(status: SessionStatus, lang: Language) -> dict[str, str]:
    told = words(status.state, lang)
    return {"id": status.account, "label": f"{status.account} · {told.word}"}


def _device(status: SessionStatus | None, lang: Language) -> str | None:
    if status is None or status.device is None:
        return None
    return device_text(lang, JID.parse(status.device).device)
