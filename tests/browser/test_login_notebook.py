"""The login notebook in a real JupyterLab: real kernel, real host, real library; only WhatsApp and the phone are emulated."""

from __future__ import annotations

from browser.login_page import LOGIN, PATIENCE, LoginPage, read_codes
from playwright.sync_api import expect

from wakit import autostart

GONE = "Sin conexión con el kernel"


def test_phone_scans_the_screen(login: LoginPage) -> None:
    """A phone scans the picture that is on the screen, and the card says connected with its number."""
    login.run().press_connect()
    picture = login.screenshot("qr")
    assert len(read_codes(picture)) == 1
    login.phone.scan(picture)
    login.expect_connected()
    expect(login.card).to_contain_text("Red emulada")
    expect(login.card).to_contain_text("Café Andino", timeout=PATIENCE)
    login.screenshot("connected")


def test_dark_screen_is_scanned(login: LoginPage) -> None:
    """In the dark theme the picture keeps its white paper and a phone reads it off the screen."""
    login.run()
    login.notebook.dark()
    login.press_connect()
    login.phone.scan(login.screenshot("dark"))
    login.expect_connected()
    login.screenshot("dark-connected")
    login.notebook.light()


def test_narrow_screen_is_scanned(login: LoginPage) -> None:
    """360 px wide, the code is still read off the screen and nothing is cut off."""
    login.run()
    login.notebook.narrow()
    login.press_connect()
    login.phone.scan(login.screenshot("narrow"))
    login.expect_connected()
    login.screenshot("narrow-connected")
    assert login.card.evaluate("(card) => card.scrollWidth <= card.clientWidth")
    assert login.card.evaluate("(card) => card.getBoundingClientRect().right") <= 360


def test_reloaded_page_finds_code_and_session(login: LoginPage) -> None:
    """
    After a reload the card is as it was, with its code or its session, though the file has neither.

    Saved while a code is shown and after connecting, the notebook keeps no picture, number or name.
    """
    login.run().press_connect()
    secrets = [login.picture(), login.phone.jid.user, login.number, "Café Andino", "data:image"]
    first = login.saved()
    login.notebook.reload()
    expect(login.card.locator("img")).to_be_visible(timeout=PATIENCE)
    login.phone.scan(login.screenshot("qr"))
    login.expect_connected()
    second = login.saved()
    login.notebook.reload()
    login.expect_connected()
    login.press("Más opciones")
    expect(login.card.get_by_role("button", name="Desconectar…")).to_be_visible()
    for saved in (first, second):
        assert "application/vnd.jupyter.widget-view+json" in saved
        assert [] == [secret for secret in secrets if secret in saved]


def test_restarted_kernel_needs_no_scan(login: LoginPage) -> None:
    """The card says that the kernel is gone; run again, it finds the session linked as it was."""
    login.link_beforehand()
    login.run()
    login.expect_connected()
    login.notebook.restart_kernel()
    expect(login.card).to_contain_text(GONE, timeout=PATIENCE)
    login.screenshot("restarted")
    login.notebook.run_all()
    expect(login.card).not_to_contain_text(GONE, timeout=PATIENCE)
    login.expect_connected()
    assert len(login.phone.devices) == 1


def test_dead_kernel_is_said(login: LoginPage) -> None:
    """When the kernel is shut down the card says so, takes its code away, and cannot be clicked."""
    login.run().press_connect()
    login.notebook.shut_down()
    expect(login.card).to_contain_text(GONE, timeout=PATIENCE)
    assert [] == read_codes(login.screenshot("dead"))
    expect(login.card.get_by_role("button", name="Detener")).to_be_hidden()


def test_stopped_host_is_said_and_started_again(login: LoginPage) -> None:
    """When somebody stops the host the card says so and waits; its button starts it, and the session comes back."""
    login.link_beforehand()
    login.run()
    login.expect_connected()
    autostart.stop(login.shop.workspace)
    expect(login.card).to_contain_text("Sin servicio", timeout=PATIENCE)
    login.screenshot("no-host")
    login.press("Iniciarlo de nuevo")
    login.expect_connected()


def test_pairing_code_links(login: LoginPage) -> None:
    """Without a camera: a wrong number is said, a right one gives a code that the phone types; the file keeps neither."""
    login.run().press_connect()
    login.press("¿Sin cámara? Usa un código")
    login.ask_for_code("12")
    expect(login.card.get_by_role("alert").filter(has_text="no es un número de teléfono")).to_be_visible()
    login.screenshot("wrong-number")
    login.ask_for_code(login.number)
    code = login.card.locator(".wakit-code")
    expect(code).to_be_visible(timeout=PATIENCE)
    login.screenshot("pairing")
    saved = login.saved()
    assert [] == [secret for secret in (code.inner_text(), login.phone.jid.user, login.number) if secret in saved]
    login.phone.type_code(code.inner_text())
    login.expect_connected()


def test_emulated_phone_scans_at_the_press_of_a_button(login: LoginPage) -> None:
    """On an emulated network the card can hold its own picture in front of an emulated phone."""
    login.run().press_connect()
    login.press("Escanear con el teléfono emulado")
    expect(login.card).to_contain_text("Conectado", timeout=PATIENCE)


def test_second_run_mirrors_the_card(login: LoginPage) -> None:
    """Run twice and shown twice, it is one card: a press in one view is seen in both, and one device is linked."""
    login.run()
    login.notebook.run_cell(LOGIN)
    login.notebook.write_cell(5, "wa.login(account)")
    login.notebook.run_cell(5)
    cards = login.notebook.cards
    expect(cards).to_have_count(2)
    login.press_connect()
    expect(cards.last.locator("img")).to_be_visible(timeout=PATIENCE)
    login.phone.scan(cards.last.screenshot())
    for card in cards.all():
        expect(card).to_contain_text(login.number, timeout=PATIENCE)
    assert len(login.phone.devices) == 1


def test_disconnect_is_confirmed_and_unlinks_the_phone(login: LoginPage) -> None:
    """Disconnecting asks first; then the phone loses the device and the card offers to connect."""
    login.link_beforehand()
    login.run()
    login.expect_connected()
    login.press("Más opciones")
    login.press("Desconectar…")
    expect(login.card.get_by_role("alertdialog")).to_contain_text(login.number)
    login.screenshot("confirm")
    login.press("Cancelar")
    assert len(login.phone.devices) == 1
    login.press("Más opciones")
    login.press("Desconectar…")
    login.press("Desconectar")
    expect(login.card.get_by_role("button", name="Conectar", exact=True)).to_be_visible(timeout=PATIENCE)
    assert [] == login.phone.devices
    login.screenshot("unlinked")


def test_blocked_kernel_does_not_block_the_card(login: LoginPage) -> None:
    """While a cell keeps the kernel busy the card goes on: beats, countdown, and the change to connected."""
    login.run().press_connect()
    login.notebook.write_cell(5, 'import time; time.sleep(9); print("awake")')
    login.notebook.start_cell(5)
    login.page.wait_for_function("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'busy'")
    login.phone.scan(login.screenshot("busy"))
    login.expect_connected()
    expect(login.notebook.outputs("awake")).to_be_hidden()
    expect(login.notebook.outputs("awake")).to_be_visible(timeout=PATIENCE)
    expect(login.card).not_to_contain_text(GONE)
