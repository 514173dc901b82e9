"""``wakit host …``: the background process that owns the sessions and the database."""

from __future__ import annotations

import json
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wakit.cli.common import JsonOption, lang
from wakit.cli.exits import Exit
from wakit.cli.terminal import say
from wakit.cli.texts import text
from wakit.languages import Language

if TYPE_CHECKING:
    from wakit.hostfile import HostInfo, TcpOptions

app = typer.Typer(help="The background host of this workspace.", no_args_is_help=True, rich_markup_mode=None)

#: Seconds between two looks at a log that is followed.
_FOLLOW = 0.3

Tcp = Annotated[
    int | None, typer.Option("--tcp", metavar="PORT", min=0, max=65535, help="Listen on 127.0.0.1 too; 0 takes any port.")
]
Certfile = Annotated[Path | None, typer.Option(metavar="FILE", help="TLS certificate for --tcp.")]
Keyfile = Annotated[Path | None, typer.Option(metavar="FILE", help="Its private key, where it is in a file of its own.")]


@app.command()
def start(tcp: Tcp = None, certfile: Certfile = None, keyfile: Keyfile = None) -> None:
    """Start the host, or say where the running one is."""
    from wakit.autostart import launch
    from wakit.paths import Workspace

    language = lang()
    _tell(launch(Workspace.find(), _tcp(tcp, certfile, keyfile)), language)


@app.command()
def restart(tcp: Tcp = None, certfile: Certfile = None, keyfile: Keyfile = None) -> None:
    """End the host and start it again; sessions come back by themselves."""
    from wakit import autostart
    from wakit.paths import Workspace

    language = lang()
    _tell(autostart.restart(Workspace.find(), _tcp(tcp, certfile, keyfile)), language)


@app.command()
def stop() -> None:
    """End the host; its accounts go offline but stay linked."""
    from wakit import autostart
    from wakit.paths import Workspace

    language = lang()
    say(text("host_ended" if autostart.stop(Workspace.find()) else "host_stopped", language))


@app.command()
def status(as_json: JsonOption = False) -> None:
    """Tell whether the host runs and where; the exit code tells it too."""
    from dataclasses import asdict

    from wakit.autostart import find
    from wakit.paths import Workspace

    language = lang()
    info = find(Workspace.find())
    if as_json:
        say(json.dumps(asdict(info) if info else None, indent=2))
    elif info:
        _tell(info, language)
    else:
        say(text("host_stopped", language))
    raise typer.Exit(Exit.OK if info else Exit.HOST)


@app.command()
def logs(
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
) -> None:
    """Show the host's log. It holds no texts and no full numbers."""
    from wakit.paths import Workspace

    language = lang()
    path = Workspace.find().host_log
    if not path.exists():
        say(text("no_log", language, path=path))
        return
    with path.open(encoding="utf-8", errors="replace") as log:
        for line in deque(log, maxlen=lines):
            say(line.rstrip("\n"))
        while follow:
            if line := log.readline():
                say(line.rstrip("\n"))
            else:
                time.sleep(_FOLLOW)


def _tcp(port: int | None, certfile: Path | None, keyfile: Path | None) -> TcpOptions | None:
    from wakit.hostfile import TcpOptions

    if port is None and (certfile or keyfile):
        raise typer.BadParameter("A certificate is for --tcp PORT.")
    if keyfile and not certfile:
        raise typer.BadParameter("--keyfile FILE goes with --certfile FILE.")
    if port is None:
        return None
    return TcpOptions(
        port=port,
        certfile=certfile.absolute() if certfile else None,
        keyfile=keyfile.absolute() if keyfile else None,
    )


def _tell(info: HostInfo, language: Language) -> None:
    where = ", ".join(place for place in (info.socket, info.tcp) if place)
    say(text("host_running", language, pid=info.pid, where=where))
    if info.token_file:
        say(text("host_token", language, path=info.token_file))
