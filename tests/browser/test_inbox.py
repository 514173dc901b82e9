"""The send form and the inbox in a real JupyterLab: what is written there is on the other phone, and its ticks are here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.inbox_page import WidgetPage, linked
from browser.login_page import PATIENCE, Shop
from playwright.sync_api import Page, expect

import wakit
from wakit.emulator import clips
from wakit.emulator.phone import Phone

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def phone(shop: Shop) -> Phone:
    """Return the phone of the account that these tests write from."""
    return linked(shop, "mostrador")


@pytest.fixture
def form(shop: Shop, phone: Phone, page: Page, tmp_path: Path) -> Iterator[WidgetPage]:
    """Return the send form."""
    assert phone.jid
    form = WidgetPage.of(shop, page, "mostrador", tmp_path, notebook="02_send.ipynb", kind="sendform", to=None)
    yield form
    page.screenshot(path=tmp_path / "end.png")
    form.notebook.shut_down()


def test_form_sends_and_tells_how_it_goes(form: WidgetPage, shop: Shop, tmp_path: Path) -> None:
    """A text and a picture get to the phone once each, with ticks; offline it waits and says so; a reload keeps all of it."""
    luis = shop.network.phone("+57 300 555 1201", name=f"Luis {HOSTILE}")
    form.run()
    to = form.widget.get_by_label("Para", exact=True)
    to.fill("12")
    expect(form.widget.locator(".wakit-wrong")).to_contain_text("no es un número de teléfono", timeout=PATIENCE)
    form.screenshot("wrong")
    to.fill("+57 300 555 1201")
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
        expect(form.widget.get_by_label("Para", exact=True)).to_have_value("+57 300 555 1201")
        client.connect_account(form.account, network=shop.network.descriptor)
    form.tick("Mañana abrimos", "Entregado")
    assert 1 == len([one for one in luis.inbox if one.text == "Mañana abrimos a las 8"])
    form.screenshot("light")
    form.notebook.dark()
    form.screenshot("dark")
    form.notebook.light()
    form.notebook.narrow()
    form.screenshot("narrow")
