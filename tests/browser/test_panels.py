"""Status bar and search box in a real JupyterLab, in both languages and lights and on a telephone's screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.login_page import PATIENCE, Shop
from browser.panels_page import PanelsPage
from hosts import until
from playwright.sync_api import Page, expect

import wakit

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def panels(shop: Shop, page: Page, tmp_path: Path) -> Iterator[PanelsPage]:
    """Return a notebook with both widgets, and messages of two people to look for."""
    panels = PanelsPage.of(shop, page, tmp_path)
    me = panels.phone.jid
    ana = shop.network.phone("+57 300 987 6602", name=f"Ana {HOSTILE}")
    luis = shop.network.phone("+57 310 555 0199", name="Luis Pardo")
    ana.send(me, "Buenos días 🙂 ¿me hacen una cotización de café molido, 12 bolsas?")
    for number in range(8):
        luis.send(me, f"Pedido {number}: llame al +57 320 111 2233 por la cotización {HOSTILE}")
    luis.send(me, "gracias")
    ana.send(me, "La otra COTIZACIÓN ya no")
    with wakit.connect(shop.workspace) as client:
        until(lambda: len(client.hits("cotizacion", account=panels.account)) == 10)
        client.schedule("0 9 1 1 *", shop.workspace.root / "notebooks" / "03_feed.ipynb", name=panels.account)
    yield panels
    with wakit.connect(shop.workspace) as client:
        client.remove_schedule(panels.account)
    page.screenshot(path=tmp_path / "end.png")
    panels.notebook.shut_down()


def test_account_is_seen_and_messages_are_found(panels: PanelsPage, page: Page) -> None:
    """
    The bar tells how the account is, and the box finds while one types, by mouse and by keys.

    A find opens its chat at that message. Names and texts of strangers stay text, and in private nobody is named.
    """
    panels.run()
    for text in ("Conectado", "Cola vacía", "Cobertura hoy", "Red emulada", "Café Andino", panels.account):
        expect(panels.bar).to_contain_text(text, timeout=PATIENCE)
    expect(panels.bar).to_contain_text(f"Próxima ejecución: {panels.account}, ", timeout=PATIENCE)
    panels.screenshot("empty")
    panels.field.press_sequentially("cotizaciones cafe")
    expect(panels.finds).to_have_count(1, timeout=PATIENCE)
    expect(panels.finds.locator("button")).to_have_text("cotización")
    expect(panels.finds.locator(".wakit-find-before")).to_contain_text("Buenos días 🙂 ¿me hacen una")
    expect(panels.finds.locator("mark")).to_have_text("café")
    panels.field.fill("cotizacion")
    expect(panels.finds).to_have_count(10, timeout=PATIENCE)
    expect(panels.box).to_contain_text(f"Ana {HOSTILE}")
    panels.screenshot("found")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(panels.finds.nth(1).locator("button")).to_be_focused()
    page.keyboard.press("Enter")
    lit = panels.box.locator(".wakit-thread .wakit-lit")
    expect(lit).to_contain_text("otización", timeout=PATIENCE)
    panels.screenshot("opened")
    page.keyboard.press("Escape")
    expect(panels.box.locator(".wakit-thread")).to_be_hidden()
    expect(panels.finds.nth(1).locator("button")).to_be_focused()
    panels.field.fill("-nada")
    expect(panels.box).to_contain_text("Escribe al menos una palabra", timeout=PATIENCE)
    panels.notebook.dark()
    panels.set("wa.language, wa.private = 'en', True")
    expect(panels.bar).to_contain_text("C. A.", timeout=PATIENCE)
    expect(panels.bar).not_to_contain_text("Café Andino")
    expect(panels.bar).to_contain_text(f"Next run: {panels.account}, ", timeout=PATIENCE)
    panels.field.fill("pedido")
    expect(panels.finds).to_have_count(8, timeout=PATIENCE)
    expect(panels.box).to_contain_text("8 messages")
    expect(panels.box).not_to_contain_text("320 111")
    expect(panels.box).not_to_contain_text("Luis")
    panels.finds.first.click()
    expect(lit).to_contain_text("Pedido", timeout=PATIENCE)
    panels.screenshot("dark")
    panels.notebook.light()
    panels.notebook.narrow()
    panels.screenshot("narrow")
    whole = "(bar) => [...bar.querySelectorAll('.wakit-parts > *')].every((part) => part.scrollWidth <= part.clientWidth)"
    assert panels.bar.evaluate(whole)
    assert panels.bar.locator(".wakit-who").evaluate("(who) => who.scrollWidth <= who.clientWidth")
    for panel in (panels.bar, panels.box):
        assert panel.evaluate("(panel) => panel.scrollWidth <= panel.clientWidth")
        assert panel.evaluate("(panel) => panel.getBoundingClientRect().right") <= 360
    panels.finds.first.click()
    expect(panels.box.locator(".wakit-thread")).to_be_hidden()
    panels.screenshot("narrow-found")
    page.set_viewport_size({"width": 1300, "height": 700})
    panels.screenshot("wide")
