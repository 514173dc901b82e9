"""The send form and the inbox in a real JupyterLab: what is written there is on the other phone, and its ticks are here."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.login_page import PATIENCE, Shop
from browser.widget_page import WidgetPage
from playwright.sync_api import Page, expect

import wakit
from wakit.emulator import clips

HOSTILE = "<img src=x onerror=alert(1)>"
#: A picture that is pasted, and a file that is dropped and is more than one piece between browser and kernel.
HANDED = (
    ("paste", "image.jpg", "image/jpeg", clips.photo(5)),
    ("drop", "precios.csv", "text/csv", b"cafe molido;12500\n" * 87_400),
)

#: A test that is run again meets nobody whom it knows.
_runs = itertools.count(1)


@pytest.fixture
def run() -> int:
    """Return which run this is of all tests here."""
    return next(_runs)


@pytest.fixture
def form(shop: Shop, page: Page, tmp_path: Path, run: int) -> Iterator[WidgetPage]:
    """Return the send form of a new account."""
    with WidgetPage.of(shop, page, tmp_path, notebook="02_send.ipynb", kind="sendform", to=None) as form:
        yield form


@pytest.fixture
def inbox(shop: Shop, page: Page, tmp_path: Path, run: int) -> Iterator[WidgetPage]:
    """Return the inbox of a new account."""
    replies = ["¡Con gusto!", "Abrimos a las 8."]
    with WidgetPage.of(shop, page, tmp_path, notebook="04_inbox.ipynb", kind="inbox", replies=replies) as inbox:
        yield inbox


def test_inbox_shows_who_waits_and_answers_them(inbox: WidgetPage, shop: Shop, run: int) -> None:
    """Who wrote first is on top; an answer gets to them, takes them from the top, and is here after a reload, in every light."""
    eva = shop.network.phone(f"+57 300 555 {1000 + run}", name="Eva Ríos")
    leo = shop.network.phone(f"+57 300 556 {1000 + run}", name=f"Leo {HOSTILE}")
    inbox.run()
    eva.send(inbox.phone.jid, "¿Tienen café molido?")
    waiting = inbox.widget.locator(".wakit-person:has(.wakit-age)")
    expect(waiting).to_have_count(1, timeout=PATIENCE)
    leo.send(inbox.phone.jid, "Buenas, ¿a qué hora abren?")
    expect(waiting).to_have_count(2, timeout=PATIENCE)
    expect(waiting.nth(0)).to_contain_text("Eva Ríos")
    expect(waiting.nth(1)).to_contain_text(f"Leo {HOSTILE}")
    expect(waiting.nth(1).locator(".wakit-unread")).to_have_text("1")
    inbox.screenshot("waiting")
    waiting.nth(1).click()
    question = inbox.widget.locator(".wakit-theirs", has_text="a qué hora abren")
    expect(question).to_be_visible(timeout=PATIENCE)
    expect(inbox.widget.locator(".wakit-person", has_text="Leo").locator(".wakit-unread")).to_have_count(0, timeout=PATIENCE)
    question.hover()
    question.get_by_label("Responder").click()
    inbox.field.fill("/8")
    expect(inbox.widget.get_by_role("option")).to_have_text("Abrimos a las 8.")
    inbox.screenshot("reply")
    inbox.field.press("Enter")
    expect(inbox.field).to_have_value("Abrimos a las 8.")
    inbox.field.press("Enter")
    got = leo.wait_for(text="Abrimos a las 8.")
    assert got.target_id is not None
    inbox.tick("Abrimos a las 8.", "Entregado")
    expect(waiting).to_have_count(1, timeout=PATIENCE)
    answer = inbox.widget.locator(".wakit-thread .wakit-mine", has_text="Abrimos a las 8.")
    expect(answer.locator(".wakit-quote")).to_contain_text("a qué hora abren", timeout=PATIENCE)
    leo.mark_read(leo.inbox)
    inbox.tick("Abrimos a las 8.", "Leído")
    expect(inbox.bubble("Abrimos a las 8.")).to_have_count(1)
    mia = shop.network.phone(f"+57 300 559 {1000 + run}", name="Mía")
    inbox.widget.get_by_role("searchbox").fill(f"+57 300 559 {1000 + run}")
    inbox.press(f"Escribir a +57 300 559 {1000 + run}")
    expect(inbox.field).to_be_focused(timeout=PATIENCE)
    expect(inbox.widget.locator(".wakit-open-head")).to_contain_text("+57 300")
    expect(inbox.widget.locator(".wakit-alert:visible")).to_have_count(0)
    inbox.press("Emoji")
    inbox.screenshot("emoji")
    inbox.press("☕")
    inbox.field.press("Enter")
    mia.wait_for(text="☕")
    inbox.widget.locator(".wakit-person", has_text="Leo").click()
    inbox.tick("Abrimos a las 8.", "Leído")
    inbox.screenshot("light")
    inbox.notebook.save()
    inbox.notebook.reload()
    inbox.tick("Abrimos a las 8.", "Leído")
    inbox.notebook.dark()
    inbox.screenshot("dark")
    inbox.notebook.light()
    inbox.notebook.narrow()
    inbox.screenshot("narrow")
    assert inbox.field.evaluate("(field) => field.clientWidth") > 150
    inbox.widget.get_by_label("Volver a los chats").click()
    expect(waiting.first).to_be_visible()
    inbox.screenshot("narrow-list")


def test_form_sends_and_tells_how_it_goes(form: WidgetPage, shop: Shop, run: int, tmp_path: Path) -> None:
    """
    A text and a picture get to the phone once each, with ticks; what is pasted or dropped arrives as it was.

    Offline it waits and says so; a reload keeps all of it.
    """
    number = f"+57 300 557 {1000 + run}"
    luis = shop.network.phone(number, name=f"Luis {HOSTILE}")
    form.run()
    to = form.widget.get_by_label("Para", exact=True)
    to.fill("12")
    expect(form.widget.locator(".wakit-wrong")).to_contain_text("no es un número de teléfono", timeout=PATIENCE)
    form.screenshot("wrong")
    to.fill(number)
    expect(form.widget.locator(".wakit-to [role=status]")).to_contain_text("✓", timeout=PATIENCE)
    form.field.fill(f"Hola {HOSTILE}")
    form.field.press("Shift+Enter")
    form.field.type("Su pedido está listo.")
    form.field.press("Enter")
    form.field.press("Enter")
    luis.wait_for(text=f"Hola {HOSTILE}\nSu pedido está listo.")
    form.tick("pedido", "Entregado")
    luis.mark_read(luis.inbox)
    form.tick("pedido", "Leído")
    picture = tmp_path / "café.jpg"
    picture.write_bytes(clips.photo(4))
    form.widget.locator("input[type=file]").set_input_files(picture)
    expect(form.widget.locator(".wakit-strip:visible")).to_contain_text("café.jpg")
    form.field.fill("La foto")
    form.screenshot("file")
    form.field.press("Enter")
    form.tick("La foto", "Entregado")
    for gesture, name, kind, data in HANDED:
        form.hand(gesture, name, kind, data)
        expect(form.widget.locator(".wakit-strip:visible")).to_contain_text(name)
        form.field.fill(f"Con {gesture}")
        form.field.press("Enter")
        assert luis.download(luis.wait_for(text=f"Con {gesture}")) == data
    with wakit.connect(shop.workspace) as client:
        client.stop_account(form.account)
        expect(form.widget.locator(".wakit-offline")).to_contain_text("sin conexión", timeout=PATIENCE)
        form.field.fill("Mañana abrimos a las 8")
        form.field.press("Enter")
        expect(form.bubble("Mañana abrimos")).to_contain_text("Espera en la cola", timeout=PATIENCE)
        form.field.fill("Aún no enviado")
        form.screenshot("offline")
        form.notebook.save()
        form.notebook.page.wait_for_timeout(400)
        form.notebook.reload()
        expect(form.bubble("Mañana abrimos")).to_contain_text("Espera en la cola", timeout=PATIENCE)
        expect(form.field).to_have_value("Aún no enviado")
        expect(form.widget.get_by_label("Para", exact=True)).to_have_value(number)
        client.connect_account(form.account, network=shop.network.descriptor)
    form.tick("Mañana abrimos", "Entregado")
    assert 1 == len([one for one in luis.inbox if one.text == "Mañana abrimos a las 8"])
    form.screenshot("light")
    form.notebook.dark()
    form.screenshot("dark")
    form.notebook.light()
    form.notebook.narrow()
    form.screenshot("narrow")
