"""The feed's notebook in JupyterLab, and the people who write to the account."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import nbformat
from browser.lab import Notebook
from browser.login_page import PATIENCE, Shop
from playwright.sync_api import Locator, Page, expect

from wakit.emulator.phone import Phone

#: The cell that shows the feed.
FEED = 3


@dataclass(frozen=True, kw_only=True)
class FeedPage:
    """One linked account, its phone, and a notebook that shows its messages."""

    shop: Shop
    account: str
    phone: Phone
    notebook: Notebook
    file: Path
    shots: Path

    @classmethod
    def of(cls, shop: Shop, page: Page, shots: Path, **parameters: object) -> Self:
        """Link a new account and make a copy of the feed's notebook for it."""
        account = shop.new_account("feed")
        file = shop.workspace.root / "notebooks" / f"{account}.ipynb"
        notebook = nbformat.read(file.with_name("03_feed.ipynb"), as_version=4)
        values = {"account": account, "chats": None, "private": False, **parameters}
        notebook.cells[1].source = "\n".join(f"{name} = {value!r}" for name, value in values.items())
        nbformat.write(notebook, file)
        phone = shop.new_phone()
        shop.link(account, phone)
        opened = Notebook(page, shop.address, f"notebooks/{file.name}")
        return cls(shop=shop, account=account, phone=phone, notebook=opened, file=file, shots=shots)

    @property
    def feed(self) -> Locator:
        """The feed."""
        return self.notebook.page.locator(".jp-OutputArea-output .wakit-feed").first

    @property
    def rows(self) -> Locator:
        """The messages in the page."""
        return self.feed.locator(".wakit-row-of")

    def row(self, text: str) -> Locator:
        """The message with this text."""
        return self.feed.locator(".wakit-row-of", has_text=text)

    def run(self) -> Self:
        """Open the notebook and run it, up to the feed's first page."""
        self.notebook.open().run_all()
        expect(self.feed.locator(".wakit-chip").first).to_have_attribute("aria-pressed", "true", timeout=PATIENCE)
        return self

    def press(self, name: str) -> None:
        """Press a button of the feed."""
        self.feed.get_by_role("button", name=name, exact=True).click()

    def saved_outputs(self) -> str:
        """Save the notebook and return what the file keeps of the feed."""
        self.notebook.save()
        notebook = nbformat.read(self.file, as_version=4)
        return json.dumps([notebook.cells[FEED].outputs, notebook.metadata])

    def screenshot(self, name: str) -> Path:
        """Take a picture of the feed."""
        path = self.shots / f"{name}.png"
        self.feed.screenshot(path=path)
        return path
