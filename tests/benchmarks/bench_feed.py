"""
What the feed costs while much is written: rows in the page, the way of a message to the screen, the kernel's share of a core.

``python tests/benchmarks/bench_feed.py [SECONDS]``. One customer of the emulated network
writes 200 messages a second to an account whose feed is open in a real JupyterLab. A
message counts as seen when its row, or that of a later message, has been painted: ten
times a second there are twenty new ones, and not all of them fit on a screen.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import search_path  # noqa: F401 - makes the next ones importable
from browser.lab import jupyterlab
from browser.login_page import Shop
from browser.widget_page import WidgetPage
from hosts import ending
from playwright.sync_api import Page, sync_playwright
from tables import table

from wakit.emulator import Network
from wakit.paths import Workspace
from wakit.scaffold import scaffold

RATE = 200
#: Milliseconds for the last message to be seen.
PATIENCE = 60_000
#: Notes the number of the newest message in the page after each paint, and the most rows that were there.
WATCH = """() => {
  const rows = document.querySelector('.jp-OutputArea-output .wakit-feed .wakit-rows');
  const seen = (window.seen = { paints: [], rows: 0 });
  const note = () => {
    const found = /^pedido (\\d+)$/.exec(rows.lastElementChild?.querySelector('.wakit-said')?.textContent ?? '');
    if (found) seen.paints.push([Number(found[1]), performance.timeOrigin + performance.now()]);
  };
  new MutationObserver(() => {
    seen.rows = Math.max(seen.rows, rows.childElementCount);
    requestAnimationFrame(() => setTimeout(note));
  }).observe(rows, { childList: true });
}"""


@contextmanager
def browser_page() -> Iterator[Page]:
    """Return a page of the machine's Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1000, "height": 900})
        browser.close()


@contextmanager
def open_feed(folder: Path) -> Iterator[WidgetPage]:
    """Return the feed of a linked account in a JupyterLab."""
    workspace = Workspace(folder / "shop")
    scaffold(workspace.root)
    (folder / "lab").mkdir(mode=0o700)
    with (
        Network(folder / "network") as network,
        ending(workspace),
        jupyterlab(workspace, folder / "lab", network=network.descriptor) as address,
        browser_page() as page,
    ):
        shop = Shop(network=network, workspace=workspace, address=address)
        with WidgetPage.of(shop, page, folder, notebook="03_feed.ipynb", kind="feed", chats=None) as feed:
            yield feed.run()


def kernel() -> psutil.Process:
    """Return the notebook's kernel."""
    living = (one for one in psutil.Process().children(recursive=True) if one.status() != psutil.STATUS_ZOMBIE)
    return next(one for one in living if "ipykernel_launcher" in one.cmdline())


def write(feed: WidgetPage, count: int) -> list[float]:
    """Send numbered messages at the rate, and return when each was sent."""
    customer, me = feed.shop.network.phone("+57 300 987 6543", name="Clienta"), feed.phone.jid
    customer.send(me, "hola")
    feed.row("hola").wait_for()
    sent, began = [], time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, began + number / RATE - time.monotonic()))
        sent.append(time.time())
        customer.send(me, f"pedido {number}")
    return sent


def delays(sent: list[float], paints: list[tuple[int, float]]) -> list[float]:
    """Return the milliseconds from each send to the first paint with it or a later one."""
    found, upcoming = [], iter(paints)
    number, at = next(upcoming)
    for index, begin in enumerate(sent):
        while number < index:
            number, at = next(upcoming)
        found.append(at - 1000 * begin)
    return sorted(found)


def main(seconds: int) -> None:
    count = RATE * seconds
    with tempfile.TemporaryDirectory() as name, open_feed(Path(name)) as feed:
        page, process = feed.notebook.page, kernel()
        page.evaluate(WATCH)
        used, began = sum(process.cpu_times()[:2]), time.monotonic()
        sent = write(feed, count)
        took = time.monotonic() - began
        used = sum(process.cpu_times()[:2]) - used
        page.wait_for_function(f"() => window.seen.paints.some(([number]) => number === {count - 1})", timeout=PATIENCE)
        seen = page.evaluate("() => window.seen")
    waited = delays(sent, seen["paints"])
    rows = [
        ["messages a second", count / (sent[-1] - sent[0]), str(RATE)],
        ["network's send → on the screen, ms p50", statistics.median(waited), ""],
        ["the same, p95", waited[int(len(waited) * 0.95)], "≤ 250"],
        ["the same, worst", waited[-1], ""],
        ["most rows in the page", seen["rows"], "≤ 60"],
        ["the kernel's share of a core, %", 100 * used / took, "≤ 25"],
    ]
    print(table(f"{count:,} messages in {seconds} s", ["", "measured", "limit"], rows))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
