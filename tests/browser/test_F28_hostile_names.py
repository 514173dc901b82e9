"""Strangers choose what they are called (F28): it is text in every widget and table, and nothing grows with it."""

from __future__ import annotations

from pathlib import Path

from browser.login_page import PATIENCE, Shop
from browser.widget_page import WidgetPage
from hosts import until
from playwright.sync_api import Page, expect

import wakit

#: What a name would do if it were more than text.
HACK = "window.hacked=1"
NAMES = {
    "image": f'<img src=x onerror="{HACK}">',
    "script": f"</script><script>{HACK}</script>",
    "template": "{{7*7}}${7*7}{%raw%}",
    "link": f"javascript:{HACK}",
    "colours": "\x1b[31mRojo\x1b[0m\x07",
    "long": "Ñ" * 10_000,
}
#: Everything that shows names, in one cell.
SHOWN = """
from IPython.display import display
offer = wa.campaign('ofertas', audience='SELECT phone, name FROM contacts', template='Hola {{{{ name }}}}', account=account)
display(wa.campaign_panel(offer), wa.status_bar(account), wa.inbox(account=account), wa.feed(account=account),
        wa.conversation({number!r}, account=account), wa.send_form({number!r}, account=account),
        wa.search_box('pregunta', account=account), wa.chats(), wa.contacts())
"""
KINDS = ("campaign", "status", "inbox", "feed", "conversation", "sendform", "search")
#: No widget is taller than this: 520 px for what is read, and where a person writes or chooses.
TALLEST = 640


def test_F28_names_are_text_everywhere(shop: Shop, page: Page, tmp_path: Path) -> None:
    """Names with markup, scripts, templates, links, terminal colours or 10 kB are shown as they are written, and run nothing."""
    numbers = {kind: f"+57 300 558 {1000 + number}" for number, kind in enumerate(NAMES)}
    with WidgetPage.of(shop, page, tmp_path, notebook="04_inbox.ipynb", kind="inbox", replies=list(NAMES.values())) as panels:
        for kind, name in NAMES.items():
            shop.network.phone(numbers[kind], name=name).send(panels.phone.jid, f"pregunta de {name[:200]}")
        with wakit.connect(shop.workspace) as client:
            until(lambda: set(NAMES.values()) <= set(client.chats(account=panels.account)["name"]))
        panels.notebook.open()
        panels.show(SHOWN.format(number=numbers["image"]))
        for kind in KINDS:
            expect(panels.output(kind)).to_be_visible(timeout=PATIENCE)
        for kind in ("inbox", "feed", "search", "campaign"):
            for name in ("image", "script", "template", "link"):
                expect(panels.output(kind)).to_contain_text(NAMES[name], timeout=PATIENCE)
        expect(panels.output("conversation").locator("header")).to_contain_text(NAMES["image"], timeout=PATIENCE)
        expect(panels.output("sendform").locator(".wakit-to [role=status]")).to_contain_text(NAMES["image"], timeout=PATIENCE)
        panels.output("conversation").get_by_label("Responder").click()
        expect(panels.output("conversation").locator(".wakit-composer .wakit-strip:visible")).to_contain_text(NAMES["image"])
        tables = panels.notebook.outputs().locator("table")
        expect(tables.first).to_contain_text(NAMES["image"])
        for number in range(tables.count()):
            tables.nth(number).scroll_into_view_if_needed()
            page.screenshot(path=tmp_path / f"table-{number}.png")
        for kind in KINDS:
            output = panels.output(kind)
            output.scroll_into_view_if_needed()
            output.screenshot(path=tmp_path / f"{kind}.png")
            assert output.evaluate("(widget) => widget.scrollWidth <= widget.clientWidth + 1"), kind
            assert output.bounding_box()["height"] <= TALLEST, kind
        assert page.locator(".wakit .wakit-who-of, .wakit-who bdi").filter(has_text="Ñ" * 100).count() == 0
        assert 0 == panels.notebook.outputs().locator("img[onerror], script, a[href^=javascript]").count()
        assert page.evaluate("() => window.hacked") is None
