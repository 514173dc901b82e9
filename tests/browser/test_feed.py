"""The feed in a real JupyterLab: messages, pictures, reactions, edits and ticks as they happen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.feed_page import FeedPage
from browser.login_page import PATIENCE, Shop
from playwright.sync_api import Page, expect

import wakit
from wakit.emulator import clips

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def feed(shop: Shop, page: Page, tmp_path: Path) -> Iterator[FeedPage]:
    """Return the feed of a new account."""
    feed = FeedPage.of(shop, page, "feed", tmp_path)
    yield feed
    page.screenshot(path=tmp_path / "end.png")
    feed.notebook.shut_down()


def test_what_happens_is_seen(feed: FeedPage, shop: Shop) -> None:
    """A picture, a reaction, an edit, a deletion, an answer and read ticks get into the feed by themselves, in every light."""
    ana = shop.network.phone("+57 300 987 6543", name=f"Ana {HOSTILE}")
    feed.run()
    expect(feed.feed).to_contain_text("Aún no hay mensajes")
    feed.screenshot("empty")
    me = feed.phone.jid
    first = ana.send(me, "¿Tienen café molido? https://example.org/café")
    expect(feed.row("café molido")).to_be_visible(timeout=PATIENCE)
    expect(feed.row("café molido")).to_contain_text(f"Ana {HOSTILE}")
    ana.send_media(me, "image", clips.photo(3), caption="Este")
    feed.row("Este").get_by_role("button", name="Abrir la imagen").click()
    expect(feed.row("Este").locator("img")).to_be_visible(timeout=PATIENCE)
    ana.reply(me, first, "Es para mañana")
    expect(feed.row("Es para mañana").locator(".wakit-quote")).to_contain_text("¿Tienen café molido?", timeout=PATIENCE)
    ana.react(me, first, "👍")
    expect(feed.row("Tienen café molido").locator(".wakit-reactions").first).to_contain_text("👍", timeout=PATIENCE)
    second = ana.send(me, "A las 8")
    expect(feed.row("A las 8")).to_be_visible(timeout=PATIENCE)
    ana.edit(me, second, "A las 9")
    expect(feed.row("A las 9")).to_contain_text("editado", timeout=PATIENCE)
    third = ana.send(me, "no era para ti")
    expect(feed.row("no era para ti")).to_be_visible(timeout=PATIENCE)
    ana.revoke(me, third)
    expect(feed.row("Se eliminó este mensaje")).to_be_visible(timeout=PATIENCE)
    with wakit.connect(shop.workspace) as client:
        client.send(str(ana.jid), "¡Claro que sí!", account=feed.account, wait=10)
    expect(feed.row("¡Claro que sí!").locator(".wakit-tick")).to_have_attribute("title", "Entregado", timeout=PATIENCE)
    ana.mark_read(ana.inbox)
    expect(feed.row("¡Claro que sí!").locator(".wakit-tick")).to_have_attribute("title", "Leído", timeout=PATIENCE)
    ana.typing(me)
    expect(feed.feed.locator(".wakit-typing")).to_contain_text("está escribiendo", timeout=PATIENCE)
    feed.screenshot("light")
    feed.notebook.dark()
    feed.screenshot("dark")
    feed.notebook.light()
    feed.notebook.narrow()
    feed.screenshot("narrow")
