"""The login card's own ESM and CSS in a bare page: the model is a stand-in, the cards are made by the real ``card()``."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page

from wakit import qr_image
from wakit.languages import Language
from wakit.model import SessionState, SessionStatus
from wakit.widgets.card import QR_SCALE, View, card
from wakit.widgets.panel import assets
from wakit.widgets.words import phone_hint, texts

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
QR_TEXT = "2@" + "a1B2c3D4+/" * 17 + "," + ",".join("Q" * 43 + "=" for _ in range(3))


#: JupyterLab's variables as its two themes set them; the real ones are seen in the JupyterLab tests.
THEMES = {
    "light": {
        "layout-color0": "#fff",
        "layout-color1": "#fff",
        "ui-font-color1": "rgba(0,0,0,.87)",
        "ui-font-color2": "rgba(0,0,0,.54)",
        "border-color1": "#bdbdbd",
        "content-link-color": "#1976d2",
    },
    "dark": {
        "layout-color0": "#111",
        "layout-color1": "#212121",
        "ui-font-color1": "#fff",
        "ui-font-color2": "rgba(255,255,255,.7)",
        "border-color1": "#616161",
        "content-link-color": "#64b5f6",
    },
}

_PAGE = """<!doctype html><html><head><meta charset="utf-8"><style>
:root { %s } body { margin: 12px; background: var(--jp-layout-color0); } %s</style></head>
<body data-jp-theme-light="%s"><div id="cell"></div><script type="module">
const listeners = {};
window.sent = [];
window.deliver = (message) => (listeners["msg:custom"] ?? []).forEach((heard) => heard(message));
window.trigger = (name) => (listeners[name] ?? []).forEach((heard) => heard());
const model = {
  get: (name) => (%s)[name],
  send: (message) => { if (window.dead) throw new Error("disposed"); window.sent.push(message); },
  on: (name, heard) => (listeners[name] ??= []).push(heard),
  off: (name, heard) => { listeners[name] = listeners[name].filter((other) => other !== heard); },
};
const widget = (await import(URL.createObjectURL(new Blob([%s], { type: "text/javascript" })))).default;
window.cleanup = widget.render({ model, el: document.querySelector("#cell") });
window.render_again = () => { widget.render({ model, el: document.querySelector("#second") }); };
window.listening = () => Object.values(listeners).flat().length;
window.ready = true;
</script></body></html>"""


def open_card(page: Page, *, theme: str = "light", lang: Language = "es", country: str | None = None) -> None:
    """Render the card into *page* as a frontend would, before any message."""
    variables = "; ".join(f"--jp-{name}: {value}" for name, value in THEMES[theme].items())
    said = asdict(replace(texts(lang), phone_hint=phone_hint(lang, country)))
    traits = json.dumps({"lang": lang, "texts": said})
    esm, css = assets("login").values()
    page.set_content(_PAGE % (variables, css, str(theme == "light").lower(), traits, json.dumps(esm).replace("</", "<\\/")))
    page.wait_for_function("window.ready")


def status(state: SessionState, **values: Any) -> SessionStatus:
    """Return a snapshot on an emulated network."""
    values = {"account": "default", "network": "emulated:0123456789abcdef", "since": NOW - timedelta(seconds=12), **values}
    return SessionStatus(state=state, **values)


def linked(state: SessionState, **values: Any) -> SessionStatus:
    """Return the snapshot of a linked session."""
    known = {
        "phone": "+573001234567",
        "push_name": "Café Andino",
        "device": "573001234567:2@s.whatsapp.net",
        "last_traffic_at": NOW - timedelta(seconds=3),
    }
    return status(state, **{**known, **values})


def qr_view(**changes: Any) -> View:
    """Return a view that shows a QR code with 18 of 20 seconds left."""
    snapshot = status(SessionState.QR, qr=QR_TEXT, code_expires_at=NOW + timedelta(seconds=18))
    view = View(
        account="default", status=snapshot, accounts=(snapshot,), picture=qr_image.png(QR_TEXT, scale=QR_SCALE), span=20.0
    )
    return replace(view, **changes)


def pairing_view(**changes: Any) -> View:
    """Return a view that shows a pairing code with 150 of 180 seconds left."""
    snapshot = status(SessionState.PAIRING, pairing_code="K7QX-M2VD", code_expires_at=NOW + timedelta(seconds=150))
    return replace(View(account="default", status=snapshot, accounts=(snapshot,), span=180.0), **changes)


def view_of(snapshot: SessionStatus, **changes: Any) -> View:
    """Return a view of *snapshot*."""
    return replace(View(account=snapshot.account, status=snapshot, accounts=(snapshot,)), **changes)


def show(page: Page, view: View, lang: Language = "es") -> None:
    """Deliver the card of *view* to the page."""
    page.evaluate("message => deliver(message)", card(view, NOW, lang))
