"""The campaign notebook in a real JupyterLab: planned, confirmed by its number, and followed onto the customers' phones."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.login_page import PATIENCE, Shop
from browser.widget_page import WidgetPage
from playwright.sync_api import Locator, Page, expect

import wakit

HOSTILE = "<img src=x onerror=alert(1)>"
_runs = itertools.count(1000)


@pytest.fixture
def run() -> int:
    """Return what makes numbers and names those of this run alone."""
    return next(_runs)


@pytest.fixture
def panel(shop: Shop, page: Page, tmp_path: Path, run: int) -> Iterator[WidgetPage]:
    """Return the campaign notebook for a file of people: two agreed, one of them stands there twice, one has no number."""
    ana, beto, carla = (f"+57 300 56{digit} {run}" for digit in (1, 2, 3))
    people = [(ana, f"Ana {HOSTILE}"), (beto, "Beto"), (ana.replace(" ", ""), "Anita"), (carla, "Carla"), ("12", "x")]
    file = tmp_path / "clientes.csv"
    file.write_text("telefono,nombre\n" + "".join(f"{phone},{name}\n" for phone, name in people), "utf-8")
    asked = {
        "name": f"café {run}",
        "purpose": "marketing",
        "audience": str(file),
        "template": "Hola {{ nombre }}, llegó el café.",
    }
    with WidgetPage.of(shop, page, tmp_path, notebook="06_campaign.ipynb", kind="campaign", **asked) as panel:
        with wakit.connect(shop.workspace) as client:
            for phone in (ana, beto):
                client.opt_in(phone, "marketing", text="Sí, quiero las novedades", account=panel.account)
        yield panel


def state(panel: WidgetPage) -> Locator:
    """Return where the campaign is."""
    return panel.widget.locator(".wakit-campaign-state")


def test_campaign_is_planned_confirmed_and_followed(panel: WidgetPage, shop: Shop, page: Page, run: int) -> None:
    """
    Who gets what and who does not is seen before; only the typed number sends it; a pause outlives a reload.

    Then it goes on until it is done, and each phone has its text once.
    """
    ana, beto = (shop.network.phone(f"+57 300 56{digit} {run}") for digit in (1, 2))
    panel.run()
    expect(state(panel)).to_have_text("✎ Plan", timeout=PATIENCE)
    expect(panel.widget.locator(".wakit-samples .wakit-bubble")).to_have_count(2)
    expect(panel.widget.locator(".wakit-samples")).to_contain_text(f"Hola Ana {HOSTILE}, llegó el café.")
    expect(panel.widget.locator(".wakit-samples")).to_contain_text("El más largo")
    panel.screenshot("plan")
    rows = panel.widget.locator("tbody tr")
    expect(rows).to_have_count(5)
    panel.press("Nunca aceptó mensajes de este tipo · 1")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Carla")
    panel.press("La misma persona está en una fila anterior · 1")
    expect(rows).to_contain_text("Anita")
    panel.screenshot("left-out")
    with wakit.connect(shop.workspace) as client:
        client.stop_account(panel.account)
        expect(panel.widget).to_contain_text("La cuenta está sin conexión", timeout=PATIENCE)
        count, start = (
            panel.widget.get_by_label("escribe el número de destinatarios"),
            panel.widget.get_by_role("button", name="Enviar a 2"),
        )
        count.fill("3")
        expect(start).to_be_disabled()
        count.press("Enter")
        expect(count).to_have_attribute("aria-invalid", "true")
        panel.screenshot("wrong-number")
        text = panel.widget.locator("textarea")
        text.fill("Hola {{ precio }}")
        count.fill("2")
        expect(start).to_be_disabled()
        panel.press("Planear de nuevo")
        expect(panel.widget.locator(".wakit-alert.wakit-lines")).to_contain_text("precio", timeout=PATIENCE)
        text.fill("Hola {{ nombre }}, llegó el café.\n¡Pruébelo!")
        panel.press("Planear de nuevo")
        expect(panel.widget.locator(".wakit-samples")).to_contain_text("¡Pruébelo!", timeout=PATIENCE)
        count.fill("2")
        expect(start).to_be_enabled(timeout=PATIENCE)
        count.press("Enter")
        expect(state(panel)).to_have_text("▶ Enviando", timeout=PATIENCE)
        expect(panel.widget.get_by_role("img", name="Avance: En espera de enviarse: 2")).to_be_visible(timeout=PATIENCE)
        panel.screenshot("running")
        panel.press("Pausar")
        expect(state(panel)).to_have_text("⏸ En pausa", timeout=PATIENCE)
        panel.notebook.save()
        panel.notebook.reload()
        expect(state(panel)).to_have_text("⏸ En pausa", timeout=PATIENCE)
        panel.notebook.run_all()
        expect(state(panel)).to_have_text("⏸ En pausa", timeout=PATIENCE)
        panel.screenshot("paused")
        panel.press("Reanudar")
        client.connect_account(panel.account, network=shop.network.descriptor)
    expect(state(panel)).to_have_text("✓ Terminada", timeout=PATIENCE)
    ana.wait_for(text=f"Hola Ana {HOSTILE}, llegó el café.\n¡Pruébelo!")
    beto.wait_for(text="Hola Beto, llegó el café.\n¡Pruébelo!")
    assert [len([one for one in phone.inbox if "café" in (one.text or "")]) for phone in (ana, beto)] == [1, 1]
    ana.mark_read(ana.inbox)
    expect(panel.widget.locator(".wakit-legend")).to_contain_text("Leído 1", timeout=PATIENCE)
    expect(panel.widget.locator(".wakit-rates")).to_contain_text("(2 de 2)", timeout=PATIENCE)
    for name in ("Pausar", "Reanudar", "Detener…"):
        expect(panel.widget.get_by_role("button", name=name, exact=True)).to_be_hidden()
    panel.screenshot("done")
    panel.notebook.dark()
    panel.show(f"wa.language, wa.private = 'en', True\nwa.campaign_panel('café {run}')")
    expect(state(panel)).to_have_text("✓ Done", timeout=PATIENCE)
    panel.widget.get_by_text("The plan", exact=True).click()
    expect(rows).to_have_count(5)
    assert [] == [name for name in ("Ana", "Beto", "Carla", "Anita", f"300 561 {run}") if name in panel.widget.inner_text()]
    panel.screenshot("private-dark")
    panel.notebook.light()
    panel.notebook.narrow()
    panel.screenshot("narrow")
    assert panel.widget.evaluate("(panel) => panel.scrollWidth <= panel.clientWidth")
    assert panel.widget.evaluate("(panel) => panel.getBoundingClientRect().right") <= 360
    saved = panel.saved_outputs()
    assert [] == [word for word in ("Ana", "Beto", "Pruébelo", f"561 {run}", f"561{run}") if word in saved]
    assert page.locator("img[onerror]").count() == 0
