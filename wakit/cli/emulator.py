"""``wakit emulator`` and ``wakit demo``: WhatsApp without WhatsApp, for trying and for tests."""

from __future__ import annotations

import contextlib
import signal
from pathlib import Path
from typing import Annotated

import typer

from wakit.cli.common import lang
from wakit.cli.exits import Exit
from wakit.cli.signals import until_ended
from wakit.cli.terminal import say
from wakit.cli.texts import text

Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes any.")]
State = Annotated[Path | None, typer.Option(metavar="DIR", help="Keep accounts and messages in this folder, for the next time.")]
Shop = Annotated[bool, typer.Option("--shop", help="Add a shop's phone and customers who write to it.")]
Check = Annotated[bool, typer.Option("--check", help="Run the whole scenario without a browser; print what was verified.")]
Folder = Annotated[Path | None, typer.Option("--dir", metavar="DIR", help="Keep the demo in this folder, for the next time.")]


def emulator(state: State = None, port: Port = 0, shop: Shop = False) -> None:
    """Run an emulated WhatsApp network. Until Ctrl-C; nothing leaves this machine."""
    from wakit.emulator import Network

    language = lang()
    with until_ended(), Network(state=state, port=port) as network, contextlib.ExitStack() as ends:
        if shop:
            from wakit.demo.shop import DemoShop

            customers = DemoShop(network)
            ends.callback(customers.close)
            customers.open_when_linked()
            say(text("emulator_shop", language, phone=customers.phone.number.pretty, name=customers.phone.name))
        say(text("emulator_ready", language, path=network.descriptor))
        signal.pause()
    say(text("emulator_ended", language))


def demo(check: Check = False, port: Port = 0, folder: Folder = None) -> None:
    """Try everything on an emulated network. A shop's day in JupyterLab; Ctrl-C leaves nothing running."""
    from wakit import demo as demonstration

    language = lang()
    if check:
        code = Exit.INTERRUPTED
        with until_ended():
            code = Exit.OK if demonstration.check(language, folder=folder) else Exit.ERROR
        raise typer.Exit(code)
    with until_ended():
        demonstration.show(language, folder=folder, port=port)
