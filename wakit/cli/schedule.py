"""``wakit schedule …``: notebooks that are run by the clock."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wakit.cli.common import JsonOption, NotifyOption, ParameterOption, lang, open_client, parameters_of
from wakit.cli.terminal import say
from wakit.errors import InvalidInput
from wakit.languages import speak

if TYPE_CHECKING:
    from wakit.languages import Language
    from wakit.schedule import Firing, Schedule

app = typer.Typer(help="Notebooks that are run by the clock.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="As `wakit schedule list` shows it.")]


@app.command()
def add(
    cron: Annotated[str, typer.Argument(metavar="CRON", help='Five fields as in a crontab: "0 9 * * MON-SAT".')],
    notebook: Annotated[Path, typer.Argument(metavar="NOTEBOOK", help="The notebook.")],
    parameters: ParameterOption = None,
    send: Annotated[bool, typer.Option("--send", help="Let its runs send; otherwise each is a dry run.")] = False,
    tz: Annotated[str | None, typer.Option("--tz", metavar="ZONE", help="Whose clock [default: WAKIT_TIMEZONE].")] = None,
    misfire: Annotated[
        str, typer.Option("--misfire", metavar="once|skip", help="Catch up what was missed, once, or not.")
    ] = "once",
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="What to call it [default: as the notebook].")
    ] = None,
    notify: NotifyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a notebook by the clock, as long as a host runs."""
    from wakit.schedule import Misfire

    language = lang()
    if misfire not in set(Misfire):
        raise typer.BadParameter(f"--misfire is {' or '.join(Misfire)}, not {misfire!r}.")
    values = parameters_of(parameters)
    with open_client() as client:
        made = client.schedule(cron, notebook, values, name=name, send=send, zone=tz, misfire=misfire, notify=notify or ())
    say(json.dumps(made.to_json(), ensure_ascii=False, indent=2) if as_json else _described(made, language))


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """List the schedules, with the last run and the next one of each."""
    language = lang()
    with open_client() as client:
        found = client.schedules()
    if as_json:
        say(json.dumps([schedule.to_json() for schedule in found], ensure_ascii=False, indent=2))
        return
    for schedule in found:
        say(_described(schedule, language))
    if not found:
        say(speak(language, "Nothing is scheduled. Run: wakit schedule add CRON NOTEBOOK"))


@app.command()
def show(
    name: Name,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100, help="How many slots.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Show the slots that came, newest first, and what the last run wrote at its end."""
    language = lang()
    with open_client() as client:
        found = client.firings(name, limit=limit)
        zone = next((one.zone for one in client.schedules() if one.name == name), "UTC")
    if as_json:
        say(json.dumps([firing.to_json() for firing in found], ensure_ascii=False, indent=2))
        return
    for firing in found:
        say(f"{_clock(firing.slot, zone)} · {_outcome(firing, language)}")
    if found and found[0].output:
        say(found[0].output.rstrip())
    if not found:
        say(speak(language, "No slot has come yet."))


@app.command()
def remove(name: Name) -> None:
    """Forget a schedule, and end a run of it that goes on."""
    language = lang()
    with open_client() as client:
        client.remove_schedule(name)
    say(speak(language, "The schedule {name} is removed.", name=name))


@app.command()
def pause(name: Name) -> None:
    """Let no slot come until it is resumed; a run that goes on is left alone."""
    language = lang()
    with open_client() as client:
        say(_described(client.pause_schedule(name), language))


@app.command()
def resume(name: Name) -> None:
    """Go on with the first slot from now on; those that came meanwhile are not caught up."""
    language = lang()
    with open_client() as client:
        say(_described(client.resume_schedule(name), language))


@app.command()
def run(name: Name) -> None:
    """Begin a run now, beside the slots."""
    language = lang()
    with open_client() as client:
        firing = client.run_schedule(name)
    say(speak(language, "A run of {name} has begun. See how it goes: wakit schedule show {name}", name=firing.schedule))


@app.command()
def export(
    system: Annotated[str, typer.Argument(metavar="cron|systemd|airflow", help="Who is to run them.")],
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only this one [default: all].")] = None,
    folder: Annotated[Path | None, typer.Option("--dir", metavar="DIR", help="Write files there.")] = None,
) -> None:
    """Write schedules as a crontab, as timers of systemd or as DAGs of Airflow, on standard output or into files."""
    from wakit.schedule_export import System, exported

    language = lang()
    if system not in set(System):
        raise typer.BadParameter(f"{system!r} is none of {', '.join(System)}.")
    with open_client() as client:
        root, found = client.workspace.root, client.schedules()
    chosen = [one for one in found if name in (None, one.name)]
    if not chosen:
        which = speak(language, "There is no schedule {name} here.", name=name or "")
        raise InvalidInput(f"{which} wakit schedule list", name=name)
    files = exported(chosen, System(system), root=root, program=(sys.executable, "-P", "-m", "wakit.cli"))
    if folder is None:
        say("\n".join(f"# {file}\n{text}" if len(files) > 1 else text for file, text in files.items()).rstrip("\n"))
        return
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (folder / file).write_text(text, "utf-8")
        say(str(folder / file))


def _described(schedule: Schedule, language: Language) -> str:
    facts = (
        schedule.name,
        f"{schedule.cron} ({schedule.zone})",
        schedule.notebook,
        speak(language, "sends") if schedule.send else speak(language, "dry run"),
    )
    if schedule.next_at is None:
        coming = speak(language, "paused")
    else:
        coming = speak(language, "next: {at}", at=_clock(schedule.next_at, schedule.zone))
    lines = [" · ".join(facts), coming]
    if schedule.last is not None:
        at = _clock(schedule.last.slot, schedule.zone)
        lines.append(speak(language, "last: {at} · {outcome}", at=at, outcome=_outcome(schedule.last, language)))
    return "\n  ".join(lines)


def _outcome(firing: Firing, language: Language) -> str:
    words = {
        "running": speak(language, "running"),
        "done": speak(language, "done"),
        "failed": speak(language, "failed"),
        "skipped": speak(language, "not run"),
    }
    return " · ".join(part for part in (words[firing.state], firing.why) if part)


def _clock(instant: datetime, zone: str) -> str:
    from zoneinfo import ZoneInfo

    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
