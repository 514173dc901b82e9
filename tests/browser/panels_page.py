"""A notebook with the status bar and the search box in JupyterLab, and the people whose messages are searched."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import nbformat
from browser.lab import Notebook
from browser.login_page import PATIENCE, Shop
from playwright.sync_api import Locator, Page, expect

from wakit.emulator.phone import Phone

#: What the notebook does; ``LANGUAGE`` and ``PRIVATE`` are what a person changes and runs again.
_CELLS = (
    "import wakit\nwa = wakit.connect()",
    "{settings}\nwa.status_bar({account!r})",
    "wa.search_box(account={account!r})",
)


@dataclass(frozen=True, kw_only=True)
class PanelsPage:
    """One linked account, its phone, and a notebook with both widgets."""

    shop: Shop
    account: str
    phone: Phone
    notebook: Notebook
    shots: Path

    @classmethod
    def of(cls, shop: Shop, page: Page, shots: Path) -> Self:
        """Link a new account and write the notebook."""
        account = shop.new_account("panels")
        cells = [nbformat.v4.new_code_cell(text.format(account=account, settings="")) for text in _CELLS]
        file = shop.workspace.root / "notebooks" / f"{account}.ipynb"
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), file)
        phone = shop.new_phone()
        shop.link(account, phone)
        opened = Notebook(page, shop.address, f"notebooks/{file.name}")
        return cls(shop=shop, account=account, phone=phone, notebook=opened, shots=shots)

    @property
    def bar(self) -> Locator:
        """The status bar."""
        return self.notebook.page.locator(".jp-OutputArea-output .wakit-status")

    @property
    def box(self) -> Locator:
        """The search box."""
        return self.notebook.page.locator(".jp-OutputArea-output .wakit-search")

    @property
    def field(self) -> Locator:
        """Where one types."""
        return self.box.locator("input[type=search]")

    @property
    def finds(self) -> Locator:
        """What was found."""
        return self.box.locator(".wakit-find")

    def run(self) -> Self:
        """Open the notebook and run it."""
        self.notebook.open().run_all()
        expect(self.field).to_be_visible(timeout=PATIENCE)
        return self

    def set(self, settings: str) -> None:
        """Set something of the client and run the widgets' cells again."""
        self.notebook.write_cell(1, _CELLS[1].format(account=self.account, settings=settings))
        self.notebook.run_cell(1)
        self.notebook.run_cell(2)

    def screenshot(self, name: str) -> Path:
        """Take a picture of the page."""
        path = self.shots / f"{name}.png"
        self.bar.scroll_into_view_if_needed()
        self.notebook.page.screenshot(path=path)
        return path
