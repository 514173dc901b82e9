"""The verbs about schedules: notebooks that the host runs by the clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from wakit.client.ask import Ask, delete, get, post, record, records
from wakit.client.verb import verb
from wakit.schedule import Firing, Misfire, Schedule


class ScheduleVerbs:
    """Schedules, for both clients."""

    @verb
    def schedules(self) -> Ask[list[Schedule]]:
        """Return the schedules, with the last slot and the next one of each."""
        return get("/api/schedules", records(Schedule))

    @verb
    def schedule(
        self,
        cron: str,
        notebook: Path | str,
        parameters: Mapping[str, Any] | None = None,
        *,
        name: str | None = None,
        send: bool = False,
        zone: str | None = None,
        misfire: Misfire | str = Misfire.ONCE,
        notify: Sequence[str] = (),
    ) -> Ask[Schedule]:
        """
        Run a notebook by the clock, as long as a host runs; a dry run unless *send* says otherwise.

        Args:
            cron: Five fields as in a crontab: ``"0 9 * * MON-SAT"``.
            notebook: Its path.
            parameters: Values for the notebook's parameters.
            name: What to call it; unset means as its notebook.
            send: Whether its runs may send.
            zone: Whose clock *cron* is read on; unset means ``WAKIT_TIMEZONE``.
            misfire: ``once`` catches slots up at which no host was running, with
                one run however many they were; ``skip`` does not.
            notify: Whom a run tells that does not end well, as for ``wakit.run``; none means who stands in the host's settings.

        Raises:
            InvalidInput: One of these cannot be used; nothing was stored.
        """
        body = {
            "cron": cron,
            "notebook": str(Path(notebook).expanduser().absolute()),
            "parameters": dict(parameters or {}),
            "name": name,
            "send": send,
            "zone": zone,
            "misfire": str(Misfire(misfire)),
            "notify": [*notify],
        }
        return post("/api/schedules", record(Schedule), body)

    @verb
    def remove_schedule(self, name: str) -> Ask[Schedule]:
        """Forget a schedule, and end a run of it that goes on."""
        return delete(_path(name), record(Schedule))

    @verb
    def pause_schedule(self, name: str) -> Ask[Schedule]:
        """Let no slot come until ``resume_schedule``; a run that goes on is left alone."""
        return post(_path(name, "/pause"), record(Schedule))

    @verb
    def resume_schedule(self, name: str) -> Ask[Schedule]:
        """Go on with the first slot from now on; those that came meanwhile are not caught up."""
        return post(_path(name, "/resume"), record(Schedule))

    @verb
    def run_schedule(self, name: str) -> Ask[Firing]:
        """Begin a run now, beside the slots."""
        return post(_path(name, "/run"), record(Firing))

    @verb
    def firings(self, name: str, *, limit: int = 20) -> Ask[list[Firing]]:
        """Return the slots of a schedule that came, newest first, and what became of each."""
        return get(_path(name, "/firings"), records(Firing), limit=limit)


def _path(name: str, action: str = "") -> str:
    return f"/api/schedules/{quote(name, safe='')}{action}"
