"""The notebooks that show one widget, in JupyterLab, for an account of their own."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import nbformat
from browser.lab import Notebook
from browser.login_page import PATIENCE, Shop
from playwright.sync_api import Locator, Page, expect

from wakit.emulator.phone import Phone

#: The cell that shows the widget, in each of these notebooks.
WIDGET = 3

#: Pastes or drops a file, as a browser tells of it.
_HAND = """(element, [gesture, name, kind, data]) => {
  const held = new DataTransfer();
  held.items.add(new File([Uint8Array.from(atob(data), (one) => one.charCodeAt(0))], name, { type: kind }));
  const how = { bubbles: true, cancelable: true };
  if (gesture === 'paste') return element.dispatchEvent(new ClipboardEvent('paste', { ...how, clipboardData: held }));
  const steps = ['dragenter', 'dragover', 'drop'];
  for (const step of steps) element.dispatchEvent(new DragEvent(step, { ...how, dataTransfer: held }));
}"""


@dataclass(frozen=True, kw_only=True)
class WidgetPage:
    """One linked account, its phone, and a notebook that shows its messages."""

    shop: Shop
    account: str
    phone: Phone
    notebook: Notebook
    file: Path
    shots: Path
    kind: str

    @classmethod
    @contextmanager
    def of(cls, shop: Shop, page: Page, shots: Path, *, notebook: str, kind: str, **parameters: object) -> Iterator[Self]:
        """Link a new account, and make a copy of a shipped notebook for it; *kind* is what its widget is."""
        account, phone = shop.new_account(kind), shop.new_phone()
        file = shop.workspace.root / "notebooks" / f"{account}.ipynb"
        copied = nbformat.read(file.with_name(notebook), as_version=4)
        values = {"account": account, "private": False, **parameters}
        copied.cells[1].source = "\n".join(f"{name} = {value!r}" for name, value in values.items())
        nbformat.write(copied, file)
        shop.link(account, phone)
        opened = Notebook(page, shop.address, f"notebooks/{file.name}")
        yield cls(shop=shop, account=account, phone=phone, notebook=opened, file=file, shots=shots, kind=kind)
        page.screenshot(path=shots / "end.png")
        opened.shut_down()

    @property
    def widget(self) -> Locator:
        """The widget."""
        return self.output(self.kind)

    def output(self, kind: str) -> Locator:
        """What some cell shows, where it is not the notebook's own widget."""
        return self.notebook.page.locator(f".jp-OutputArea-output .wakit-{kind}").first

    @property
    def field(self) -> Locator:
        """Where a person writes."""
        return self.widget.locator("textarea")

    @property
    def rows(self) -> Locator:
        """The messages in the page."""
        return self.widget.locator(".wakit-row-of")

    def row(self, text: str) -> Locator:
        """The message with this text."""
        return self.widget.locator(".wakit-row-of", has_text=text)

    def bubble(self, text: str) -> Locator:
        """What was sent with this text."""
        return self.widget.locator(".wakit-mine .wakit-bubble", has_text=text)

    def tick(self, text: str, name: str) -> None:
        """Wait until a message got so far."""
        expect(self.bubble(text).locator(".wakit-tick")).to_have_attribute("title", name, timeout=PATIENCE)

    def run(self) -> Self:
        """Open the notebook and run it."""
        self.notebook.open().run_all()
        expect(self.widget).to_be_visible(timeout=PATIENCE)
        return self

    def show(self, call: str) -> None:
        """Write another call into the widget's cell, and run the notebook with it."""
        self.notebook.write_cell(WIDGET, call)
        self.notebook.run_all()

    def press(self, name: str) -> None:
        """Press a button of the widget."""
        self.widget.get_by_role("button", name=name, exact=True).click()

    def hand(self, gesture: str, name: str, kind: str, data: bytes) -> None:
        """Give a file to where a person writes, by ``paste`` or by ``drop``."""
        self.field.evaluate(_HAND, [gesture, name, kind, base64.b64encode(data).decode()])

    def saved_outputs(self) -> str:
        """Save the notebook and return what the file keeps of the widget."""
        self.notebook.save()
        notebook = nbformat.read(self.file, as_version=4)
        return json.dumps([notebook.cells[WIDGET].outputs, notebook.metadata])

    def screenshot(self, name: str) -> Path:
        """Take a picture of the page."""
        path = self.shots / f"{self.kind}-{name}.png"
        expect(self.notebook.page.locator("#jupyterlab-splash")).to_have_count(0)
        self.widget.scroll_into_view_if_needed()
        self.notebook.page.screenshot(path=path)
        return path
