"""The login notebook in JupyterLab, as the person before it and their phone use it."""

from __future__ import annotations

import io
import itertools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import nbformat
import zxingcpp
from browser.lab import Notebook
from PIL import Image
from playwright.sync_api import Locator, Page, expect

import wakit
from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.lab import LabAddress
from wakit.model import SessionState
from wakit.paths import Workspace

#: Milliseconds for anything that the host and the library do.
PATIENCE = 30_000
#: Cells of the notebook.
CONNECT, LOGIN = 2, 3

_numbers = itertools.count(3001234560)
_accounts = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Shop:
    """What all these tests share."""

    network: Network
    workspace: Workspace
    address: LabAddress

    def new_phone(self) -> Phone:
        """Return the phone of a number that nobody had before."""
        return self.network.phone(f"+57 {next(_numbers)}", name="Café Andino")

    def new_account(self, kind: str) -> str:
        """Return an id that no account had before: a test that is run again meets nobody whom it knows."""
        return f"{kind[:28].rstrip('-')}-{next(_accounts)}"

    def link(self, account: str, phone: Phone) -> None:
        """Link an account without a page."""
        with wakit.connect(self.workspace) as client:
            client.connect_account(account, network=self.network.descriptor)
            states = client.watch(account)
            phone.scan_text(next(status.qr for status in states if status.qr))
            next(status for status in states if status.state is SessionState.CONNECTED)


@dataclass(frozen=True, kw_only=True)
class LoginPage:
    """One account, its phone, and the notebook that logs it in."""

    shop: Shop
    account: str
    phone: Phone
    notebook: Notebook
    file: Path
    shots: Path

    @classmethod
    def of(cls, shop: Shop, page: Page, test: str, shots: Path) -> Self:
        """Make an account and a copy of the login notebook for a test."""
        account = shop.new_account(re.sub(r"[^a-z0-9]+", "-", test.removeprefix("test_")))
        file = shop.workspace.root / "notebooks" / f"{account}.ipynb"
        notebook = nbformat.read(file.with_name("01_login.ipynb"), as_version=4)
        notebook.cells[1].source = f'account = "{account}"'
        nbformat.write(notebook, file)
        opened = Notebook(page, shop.address, f"notebooks/{file.name}")
        return cls(shop=shop, account=account, phone=shop.new_phone(), notebook=opened, file=file, shots=shots)

    @property
    def page(self) -> Page:
        return self.notebook.page

    @property
    def card(self) -> Locator:
        """The first card of the notebook."""
        return self.notebook.cards.first

    @property
    def number(self) -> str:
        """The phone's number as the card writes it."""
        digits = self.phone.jid.user
        return f"+{digits[:2]} {digits[2:5]} {digits[5:]}"

    def run(self) -> Self:
        """Open the notebook and run all of it."""
        self.notebook.open().run_all()
        expect(self.card.locator(".wakit-more")).to_be_visible(timeout=PATIENCE)
        return self

    def press(self, name: str) -> None:
        """Press a button of the card."""
        self.card.get_by_role("button", name=name, exact=True).click()

    def press_connect(self) -> Self:
        """Ask for a code and wait for its picture."""
        self.press("Conectar")
        expect(self.card.locator("img")).to_be_visible(timeout=PATIENCE)
        return self

    def screenshot(self, name: str) -> Path:
        """Take a picture of the page, as a phone's camera sees the screen."""
        path = self.shots / f"{name}.png"
        self.card.scroll_into_view_if_needed()
        self.page.screenshot(path=path)
        return path

    def ask_for_code(self, number: str) -> None:
        """Fill in the phone field and send it."""
        self.card.get_by_label("Número de teléfono de la cuenta").fill(number)
        self.press("Pedir código")

    def saved(self) -> str:
        """Save the notebook and return what the file says."""
        self.notebook.save()
        return self.file.read_text("utf-8")

    def picture(self) -> str:
        """Return the picture that the card shows, as text."""
        return self.card.locator("img").get_attribute("src") or ""

    def expect_connected(self) -> None:
        """Wait until the card says that the account is connected, and with which number."""
        for text in ("Conectado", self.number):
            expect(self.card).to_contain_text(text, timeout=PATIENCE)

    def link_beforehand(self) -> None:
        """Link the account without the page, as on another day."""
        self.shop.link(self.account, self.phone)


def read_codes(picture: Path | bytes) -> list[str]:
    """Return the texts of all QR codes in a picture."""
    image = Image.open(io.BytesIO(picture) if isinstance(picture, bytes) else picture)
    return [found.text for found in zxingcpp.read_barcodes(image)]
