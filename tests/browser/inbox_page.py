"""The notebooks that send and answer, in JupyterLab, for an account of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import nbformat
from browser.lab import Notebook
from browser.login_page import PATIENCE, Shop
from playwright.sync_api import Locator, Page, expect

from wakit.emulator.phone import Phone


@dataclass(frozen=True, kw_only=True)
class WidgetPage:
    """A notebook whose widget writes messages."""

    shop: Shop
    account: str
    phone: Phone
    notebook: Notebook
    shots: Path
    kind: str

    @classmethod
    def of(cls, shop: Shop, page: Page, shots: Path, *, notebook: str, kind: str, **parameters: object) -> Self:
        """Link a new account, and make a copy of a shipped notebook for it; *kind* is what its widget is."""
        account, phone = shop.new_account(kind), shop.new_phone()
        file = shop.workspace.root / "notebooks" / f"{account}.ipynb"
        copied = nbformat.read(file.with_name(notebook), as_version=4)
        values = {"account": account, "private": False, **parameters}
        copied.cells[1].source = "\n".join(f"{name} = {value!r}" for name, value in values.items())
        nbformat.write(copied, file)
        shop.link(account, phone)
        opened = Notebook(page, shop.address, f"notebooks/{file.name}")
        return cls(shop=shop, account=account, phone=phone, notebook=opened, shots=shots, kind=kind)

    @property
    def widget(self) -> Locator:
        """The widget."""
        return self.notebook.page.locator(f".jp-OutputArea-output .wakit-{self.kind}").first

    @property
    def field(self) -> Locator:
        """Where a person writes."""
        return self.widget.locator("textarea")

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

    def screenshot(self, name: str) -> Path:
        """Take a picture of the page."""
        path = self.shots / f"{self.kind}-{name}.png"
        expect(self.notebook.page.locator("#jupyterlab-splash")).to_have_count(0)
        self.widget.scroll_into_view_if_needed()
        self.notebook.page.screenshot(path=path)
        return path
