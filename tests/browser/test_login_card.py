"""What the login card shows and sends, as a person meets it; the kernel is played by the test."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
import zxingcpp
from browser.cardpage import NOW, QR_TEXT, linked, open_card, pairing_view, qr_view, show, status, view_of
from PIL import Image
from playwright.sync_api import Page, expect

from wakit.languages import Language
from wakit.model import SessionState
from wakit.widgets.card import View

CARD = ".wakit-login"


def sent(page: Page) -> list[tuple[str, str]]:
    """Return what the card asked for, without its greetings."""
    messages = page.evaluate("window.sent")
    return [(m["t"], m["value"]) for m in messages if m["t"] not in {"hello", "here"}]


def decoded(page: Page) -> list[str]:
    """Return what a camera reads off the card as it is on the screen."""
    return [found.text for found in zxingcpp.read_barcodes(Image.open(io.BytesIO(page.locator(CARD).screenshot())))]


def test_opened_view_asks_for_everything(page: Page) -> None:
    """A view that opens, also after a reload, says hello and shows that it waits."""
    open_card(page)
    assert page.evaluate("window.sent.map((m) => m.t)") == ["hello"]
    expect(page.locator(CARD)).to_contain_text("Conectando con el kernel…")
    assert page.locator(f"{CARD} button:visible").count() == 0


@pytest.mark.parametrize(
    ("theme", "width", "ratio"), [("light", 480, 1), ("dark", 480, 1), ("light", 360, 2), ("dark", 250, 1.5)]
)
def test_qr_is_read_off_the_screen(page: Page, theme: str, width: int, ratio: float) -> None:
    """In both themes, on a phone's width and on a dense screen, the picture on the screen says what it should."""
    context = page.context.browser.new_context(viewport={"width": width, "height": 700}, device_scale_factor=ratio)
    other = context.new_page()
    open_card(other, theme=theme)
    show(other, qr_view())
    assert [QR_TEXT] == decoded(other)
    assert other.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_qr_modules_are_whole_pixels(page: Page) -> None:
    """Every module of the code is the same whole number of pixels, so no row is thinner than its neighbour."""
    open_card(page)
    show(page, qr_view())
    image = page.locator(f"{CARD} img")
    modules = image.evaluate("(img) => img.naturalWidth / 4")
    assert image.bounding_box()["width"] % modules == 0
    assert image.evaluate("(img) => getComputedStyle(img).imageRendering") == "pixelated"


def test_qr_has_words_for_those_who_do_not_see_it(page: Page) -> None:
    """The picture has an alternative text, and the steps and the pairing code are offered beside it."""
    open_card(page)
    show(page, qr_view())
    expect(page.get_by_role("img", name="Código QR para vincular este equipo con WhatsApp")).to_be_visible()
    assert page.locator(f"{CARD} ol:visible li").count() == 3
    expect(page.get_by_role("button", name="¿Sin cámara? Usa un código")).to_be_visible()


def test_countdown_runs_without_the_kernel(page: Page) -> None:
    """Between two beats the bar shrinks by itself."""
    open_card(page)
    show(page, pairing_view())
    bar = page.get_by_role("progressbar", name="Tiempo que queda")
    assert "150" == bar.get_attribute("aria-valuenow")
    expect(page.locator(".wakit-left")).to_have_text("2:29", timeout=3000)


def test_new_code_replaces_the_old_one(page: Page) -> None:
    """The next code takes the place of the last, and none is left in the page when the state ends."""
    open_card(page)
    show(page, qr_view())
    first = page.locator(f"{CARD} img").get_attribute("src")
    show(page, qr_view(picture=b"\x89PNG other"))
    assert first != page.locator(f"{CARD} img").get_attribute("src")
    show(page, view_of(status(SessionState.QR_EXPIRED)))
    assert page.locator(f"{CARD} img").get_attribute("src") is None
    page.get_by_role("button", name="Nuevo código").click()
    assert [("new_code", "")] == sent(page)


@pytest.mark.parametrize(
    ("view", "lang", "label", "command"),
    [
        (view_of(status(SessionState.STOPPED)), "es", "Conectar", "connect"),
        (view_of(status(SessionState.STOPPED)), "en", "Connect", "connect"),
        (view_of(status(SessionState.LOGGED_OUT)), "es", "Vincular de nuevo", "connect"),
        (view_of(linked(SessionState.REPLACED)), "en", "Take the session back", "take_over"),
        (view_of(linked(SessionState.RECONNECTING)), "es", "Reintentar ya", "retry"),
        (view_of(linked(SessionState.CONNECTED), attached=False), "es", "Iniciarlo de nuevo", "start_host"),
        (pairing_view(), "es", "Volver al código QR", "new_code"),
        (qr_view(), "en", "Stop", "stop"),
        (qr_view(phone_near=True), "es", "Escanear con el teléfono emulado", "scan"),
        (pairing_view(phone_near=True), "en", "Type it on the emulated phone", "scan"),
    ],
)
def test_next_step_of_a_state_is_one_click(page: Page, view: View, lang: Language, label: str, command: str) -> None:
    """Each state that a person can leave has a button that does what it says."""
    open_card(page, lang=lang)
    show(page, view, lang)
    page.get_by_role("button", name=label, exact=True).click()
    assert [(command, "")] == sent(page)


@pytest.mark.parametrize("lang", ["es", "en"])
def test_every_state_has_icon_word_and_sentence(page: Page, lang: Language) -> None:
    """Colour is never the only sign, and each change of state is announced."""
    open_card(page, lang=lang)
    assert page.locator(CARD).get_attribute("lang") == lang
    for state in SessionState:
        show(page, view_of(linked(state)), lang)
        word = page.locator(f"{CARD} header strong").inner_text()
        assert word
        assert page.locator(".wakit-mark").inner_text().strip()
        assert page.locator(f"{CARD} [aria-live=polite]").inner_text().startswith(f"{word}. ")


def test_connected_card_is_one_line(page: Page) -> None:
    """Connected, the card folds to one line with word, number, name and network."""
    open_card(page)
    show(page, view_of(linked(SessionState.CONNECTED)))
    card = page.locator(CARD)
    for text in ("Conectado", "+57 300 1234567", "Café Andino", "Red emulada"):
        expect(card).to_contain_text(text)
    assert card.bounding_box()["height"] < 60
    page.get_by_role("button", name="Más opciones").click()
    expect(page.get_by_text("Dispositivo vinculado n.º 2")).to_be_visible()


def test_badge_is_for_emulated_networks_only(page: Page) -> None:
    """The real network has no badge, and says before linking that wakit is not WhatsApp's."""
    open_card(page)
    show(page, view_of(status(SessionState.STOPPED, network="whatsapp")))
    expect(page.get_by_text("Red emulada")).to_be_hidden()
    expect(page.get_by_text("wakit no es un producto de WhatsApp")).to_be_visible()
    show(page, view_of(status(SessionState.STOPPED)))
    expect(page.get_by_text("Red emulada")).to_be_visible()
    expect(page.get_by_text("wakit no es un producto de WhatsApp")).to_be_hidden()


def test_disconnect_asks_first(page: Page) -> None:
    """Disconnecting is confirmed in the card; Escape and Cancel keep the session."""
    open_card(page)
    show(page, view_of(linked(SessionState.CONNECTED)))
    question = page.get_by_role("alertdialog", name="¿Desconectar +57 300 1234567?")
    for leave in ("Escape", "Enter"):  # Cancel has the focus
        page.get_by_role("button", name="Más opciones").click()
        page.get_by_role("button", name="Desconectar…").click()
        expect(question).to_be_visible()
        expect(page.get_by_role("button", name="Cancelar")).to_be_focused()
        page.keyboard.press(leave)
        expect(question).to_be_hidden()
        expect(page.get_by_role("button", name="Más opciones")).to_be_focused()
    assert [] == sent(page)
    page.get_by_role("button", name="Más opciones").click()
    page.get_by_role("button", name="Desconectar…").click()
    page.get_by_role("button", name="Desconectar", exact=True).click()
    assert [("logout", "")] == sent(page)


def test_phone_form_works_by_keyboard(page: Page) -> None:
    """From the QR to the pairing code without a mouse; a wrong number is said beside its field."""
    open_card(page, country="co")
    show(page, qr_view())
    page.get_by_role("button", name="¿Sin cámara? Usa un código").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Número de teléfono de la cuenta")
    expect(field).to_be_focused()
    expect(page.get_by_text("Sin código de país se entiende CO")).to_be_visible()
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    assert [("pair", "12")] == sent(page)
    show(page, qr_view(problem="Eso no es un número de teléfono.", problem_of="pair"))
    expect(page.get_by_role("alert").filter(has_text="Eso no es un número")).to_be_visible()
    assert "true" == field.get_attribute("aria-invalid")
    assert "12" == field.input_value()
    show(page, pairing_view())
    expect(field).to_be_hidden()
    expect(page.get_by_role("status", name="Código de vinculación")).to_have_text("K7QX-M2VD")


def test_new_qr_leaves_the_phone_form_alone(page: Page) -> None:
    """While somebody types a number, the code may rotate: text and focus stay."""
    open_card(page)
    show(page, qr_view())
    page.get_by_role("button", name="¿Sin cámara? Usa un código").click()
    page.keyboard.type("+57 300")
    show(page, qr_view(picture=b"\x89PNG other"))
    page.keyboard.type(" 123")
    assert "+57 300 123" == page.get_by_label("Número de teléfono de la cuenta").input_value()


@pytest.mark.parametrize("clipboard", ["{ writeText: async (text) => { window.copied = text; } }", "undefined"])
def test_pairing_code_is_copied(page: Page, clipboard: str) -> None:
    """The copy button takes the code, on the clipboard or, where a browser forbids that, as the selection; and says so."""
    open_card(page)
    page.evaluate(f"Object.defineProperty(navigator, 'clipboard', {{ value: {clipboard} }})")
    show(page, pairing_view())
    page.get_by_role("button", name="Copiar").click()
    expect(page.get_by_role("button", name="Copiado")).to_be_visible()
    assert "K7QX-M2VD" == page.evaluate("window.copied ?? getSelection().toString()")


def test_accounts_are_chosen_by_button_or_name(page: Page) -> None:
    """The chooser lists what is there with its state, and takes a new name; a wrong one is said beside the field."""
    both = (status(SessionState.STOPPED), linked(SessionState.CONNECTED, account="ventas"))
    open_card(page)
    show(page, view_of(both[0], accounts=both))
    page.get_by_role("button", name="Más opciones").click()
    page.get_by_role("button", name="Cambiar de cuenta…").click()
    page.get_by_role("button", name="ventas · Conectado").click()
    page.get_by_label("Otra cuenta").fill("Mi Tienda")
    page.keyboard.press("Enter")
    assert [("account", "ventas"), ("account", "Mi Tienda")] == sent(page)
    show(page, view_of(both[0], accounts=both, problem="Ese nombre no sirve.", problem_of="account"))
    expect(page.get_by_role("alert").filter(has_text="Ese nombre no sirve.")).to_be_visible()
    show(page, replace(view_of(both[1], accounts=both)))
    expect(page.get_by_label("Otra cuenta")).to_be_hidden()
    expect(page.locator(f"{CARD} header")).to_contain_text("ventas")


def test_names_from_strangers_stay_text(page: Page) -> None:
    """A push name with markup is shown as it is and runs nothing."""
    hostile = "<img src=x onerror='window.pwned=1'><b>Ana</b>\u202e"
    open_card(page)
    show(page, view_of(linked(SessionState.CONNECTED, push_name=hostile)))
    show(page, view_of(linked(SessionState.RECONNECTING, push_name=hostile, reason=hostile), problem=hostile))
    assert hostile == page.locator("bdi").text_content()
    assert page.locator(f"{CARD} b").count() == 0
    assert page.evaluate("window.pwned") is None


def test_problems_are_announced(page: Page) -> None:
    """What went wrong is an alert, with words."""
    open_card(page)
    show(page, view_of(status(SessionState.STOPPED), problem="No se pudo vincular."))
    expect(page.get_by_role("alert").filter(has_text="No se pudo vincular.")).to_be_visible()


def test_buttons_rest_while_something_is_done(page: Page) -> None:
    """While a request is on its way nothing can be clicked twice."""
    open_card(page)
    show(page, view_of(status(SessionState.STOPPED), busy="connect"))
    expect(page.get_by_role("button", name="Conectar", exact=True)).to_be_disabled()
    assert "true" == page.locator(CARD).get_attribute("aria-busy")


def test_silent_kernel_is_said_and_its_code_taken_away(page: Page) -> None:
    """Without beats the card says that the kernel is gone and shows nothing that can be scanned or clicked."""
    open_card(page)
    show(page, qr_view(phone_near=True))
    page.evaluate("window.dead = true")
    expect(page.get_by_role("alert").filter(has_text="Sin conexión con el kernel")).to_be_visible(timeout=8000)
    assert [] == decoded(page)
    assert page.locator(f"{CARD} img").get_attribute("src") is None
    assert page.evaluate("document.querySelector('header').inert")


def test_restarting_kernel_is_noticed_sooner(page: Page) -> None:
    """When the frontend tells that the comm died, the card does not wait the whole silence."""
    open_card(page)
    show(page, view_of(linked(SessionState.CONNECTED)))
    page.evaluate("window.dead = true; window.trigger('comm_live_update')")
    expect(page.get_by_role("alert").filter(has_text="Sin conexión con el kernel")).to_be_visible(timeout=2500)


def test_kernel_that_comes_back_is_asked_for_everything(page: Page) -> None:
    """A pause of the connection heals by itself: the card says hello again and lives on."""
    open_card(page)
    show(page, qr_view())
    page.evaluate("window.trigger('comm_live_update')")
    alert = page.get_by_role("alert").filter(has_text="Sin conexión con el kernel")
    expect(alert).to_be_visible(timeout=2500)
    page.evaluate("window.sent = []; window.deliver({ t: 'beat', sentence: '', left: null })")
    expect(alert).to_be_hidden()
    assert ["hello"] == page.evaluate("window.sent.map((m) => m.t)")
    show(page, qr_view())
    assert [QR_TEXT] == decoded(page)


def test_closed_view_listens_to_nothing(page: Page) -> None:
    """A view that is closed leaves no listener and no timer that speaks."""
    open_card(page)
    show(page, view_of(linked(SessionState.RECONNECTING, retry_at=NOW + timedelta(seconds=4))))
    page.evaluate("window.cleanup()")
    assert page.evaluate("window.listening()") == 0


def test_two_views_mirror_each_other(page: Page) -> None:
    """A cell that is run twice has two views of one card; both show the same, each with ids of its own."""
    open_card(page)
    page.evaluate("document.body.append(Object.assign(document.createElement('div'), { id: 'second' }))")
    page.evaluate("window.render_again()")
    show(page, qr_view())
    assert [QR_TEXT, QR_TEXT] == [
        found.text for found in zxingcpp.read_barcodes(Image.open(io.BytesIO(page.screenshot(full_page=True))))
    ]
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))
