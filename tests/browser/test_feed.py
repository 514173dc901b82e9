"""The feed in a real JupyterLab: messages, pictures, reactions, edits and ticks as they happen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.login_page import PATIENCE, Shop
from browser.widget_page import WidgetPage
from playwright.sync_api import Page, expect

import wakit
from wakit.emulator import clips

#: Rows in the page at a time.
MOST = 60
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def feed(shop: Shop, page: Page, tmp_path: Path) -> Iterator[WidgetPage]:
    """Return the feed of a new account."""
    with WidgetPage.of(shop, page, tmp_path, notebook="03_feed.ipynb", kind="feed", chats=None) as feed:
        yield feed


def test_what_happens_is_seen(feed: WidgetPage, shop: Shop) -> None:
    """A picture, a reaction, an edit, a deletion, an answer and read ticks get into the feed by themselves, in every light."""
    ana = shop.network.phone("+57 300 987 6543", name=f"Ana {HOSTILE}")
    feed.run()
    expect(feed.widget).to_contain_text("Aún no hay mensajes")
    feed.screenshot("empty")
    me = feed.phone.jid
    first = ana.send(me, "¿Tienen café molido? https://example.org/café")
    expect(feed.row("café molido")).to_be_visible(timeout=PATIENCE)
    expect(feed.row("café molido")).to_contain_text(f"Ana {HOSTILE}")
    expect(feed.widget.get_by_role("status").first).to_contain_text("café molido", timeout=PATIENCE)
    ana.send_media(me, "image", clips.photo(3), caption="Este")
    feed.row("Este").get_by_role("button", name="Abrir la imagen").click()
    expect(feed.row("Este").locator("img")).to_be_visible(timeout=PATIENCE)
    ana.send_media(me, "voice", clips.voice_note(2), seconds=2)
    feed.press("▶ Reproducir")
    feed.notebook.page.wait_for_function("() => document.querySelector('.wakit-feed audio')?.duration > 1", timeout=PATIENCE)
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
    expect(feed.widget.locator(".wakit-typing")).to_contain_text("está escribiendo", timeout=PATIENCE)
    feed.screenshot("light")
    feed.notebook.dark()
    feed.screenshot("dark")
    feed.notebook.light()
    feed.notebook.narrow()
    feed.screenshot("narrow")


def test_history_filters_pause_and_reload(feed: WidgetPage, shop: Shop) -> None:
    """What is stored is scrolled back to, with few rows in the page; filters, pause, reload and restart do what is expected."""
    ana, luis = (shop.network.phone(f"+57 300 987 654{number}", name=name) for number, name in ((4, "Ana"), (5, "Luis")))
    me = feed.phone.jid
    for number in range(150):
        (ana if number % 3 else luis).send(me, f"mensaje {number:03}")
    feed.run()
    expect(feed.row("mensaje 149")).to_be_visible(timeout=PATIENCE)
    scroll = "(list) => { list.scrollTop = 0; }"
    for _ in range(20):
        feed.widget.locator(".wakit-list").evaluate(scroll)
        if feed.row("mensaje 000").count():
            break
        feed.notebook.page.wait_for_timeout(200)
    expect(feed.row("mensaje 000")).to_be_visible(timeout=PATIENCE)
    assert feed.rows.count() <= MOST
    luis.send(me, "mientras miras lo viejo")
    pill = feed.widget.locator(".wakit-pill")
    expect(pill).to_have_text("1 mensaje nuevo ↓", timeout=PATIENCE)
    expect(feed.row("mensaje 000")).to_be_visible()
    feed.screenshot("pill")
    pill.click()
    expect(feed.row("mientras miras lo viejo")).to_be_visible()
    feed.press("Pausar")
    luis.send(me, "en la pausa")
    expect(feed.widget).to_contain_text("1 mensaje en espera", timeout=PATIENCE)
    expect(feed.row("en la pausa")).to_have_count(0)
    feed.press("Seguir")
    expect(feed.row("en la pausa")).to_be_visible()
    luis.send(luis.create_group("Vecinos", [me]).jid, "en el grupo")
    expect(feed.row("en el grupo")).to_contain_text("Vecinos", timeout=PATIENCE)
    feed.row("en el grupo").get_by_label("Solo este chat").click()
    expect(feed.rows).to_have_count(1, timeout=PATIENCE)
    feed.press("Vecinos ✕")
    expect(feed.row("en la pausa")).to_be_visible(timeout=PATIENCE)
    feed.widget.get_by_role("searchbox").fill("MENSAJE 07")
    expect(feed.rows).to_have_count(10, timeout=PATIENCE)
    feed.widget.get_by_role("group", name="Chats").get_by_role("button", name="Grupos").click()
    expect(feed.widget).to_contain_text("Ningún mensaje cumple los filtros", timeout=PATIENCE)
    feed.screenshot("nothing")
    feed.notebook.save()
    feed.notebook.reload()
    expect(feed.widget).to_contain_text("Ningún mensaje cumple los filtros", timeout=PATIENCE)
    feed.notebook.restart_kernel()
    expect(feed.widget).to_contain_text("Sin conexión con el kernel", timeout=PATIENCE)
    feed.show(f"wa.feed(account={feed.account!r}, private=True)")
    expect(feed.row("en el grupo")).to_contain_text("L.", timeout=PATIENCE)
    expect(feed.widget).not_to_contain_text("Luis")
    feed.screenshot("private")
    assert "mensaje" not in feed.saved_outputs()


def test_a_conversation_is_read_and_answered(feed: WidgetPage, shop: Shop) -> None:
    """One chat says who it is with; what is written there gets to the other phone once, with ticks, and a reload finds it."""
    number = "+57 300 987 6546"
    eva = shop.network.phone(number, name=f"Eva {HOSTILE}")
    eva.send(feed.phone.jid, "¿Tienen café molido?")
    feed.notebook.open()
    feed.show(f"wa.conversation({number!r}, account={feed.account!r})")
    talk = feed.output("conversation")
    expect(talk.locator("header")).to_contain_text(f"Eva {HOSTILE}", timeout=PATIENCE)
    question = talk.locator(".wakit-theirs", has_text="café molido")
    question.get_by_label("Responder").click()
    talk.locator("textarea").fill("Sí, molido y en grano.")
    talk.locator("textarea").press("Enter")
    assert eva.wait_for(text="Sí, molido y en grano.").target_id is not None
    answer = talk.locator(".wakit-mine", has_text="molido y en grano")
    expect(answer.locator(".wakit-tick")).to_have_attribute("title", "Entregado", timeout=PATIENCE)
    expect(answer).to_have_count(1)
    talk.screenshot(path=feed.shots / "conversation.png")
    feed.notebook.save()
    feed.notebook.reload()
    expect(answer.locator(".wakit-tick")).to_have_attribute("title", "Entregado", timeout=PATIENCE)
    expect(answer).to_have_count(1)
