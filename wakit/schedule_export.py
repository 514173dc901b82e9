"""
Schedules in the words of cron, systemd and Airflow, for those who have one of them running already.

The commands are absolute and name the workspace, because none of the three has a shell's
environment or working directory. Their key is made as the host makes its own, so a
schedule that stands in both places is run once for each slot.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from wakit.crontab import WEEKDAYS, Crontab
from wakit.errors import InvalidInput
from wakit.schedule import SLOT, Misfire, Schedule

#: Longest line that every cron reads.
_CRON_LINE = 990
_DATE = f"date -u +{SLOT}"
#: Exit code of a run that another run of its notebook was in the way of; it is no failure.
_BUSY = 75


class System(StrEnum):
    """Where a schedule can go."""

    CRON = "cron"
    SYSTEMD = "systemd"
    AIRFLOW = "airflow"


def exported(schedules: Sequence[Schedule], system: System, *, root: Path, program: Sequence[str]) -> dict[str, str]:
    """
    Return the files that have *system* run *schedules*, by their names.

    Args:
        schedules: Which.
        system: Where to.
        root: The workspace's folder.
        program: What ``wakit`` is there: absolute, and what follows it.

    Raises:
        InvalidInput: A parameter cannot be written down there.
    """
    if system is System.CRON:
        return {"crontab": "".join(_cron(one, root, program) for one in schedules)}
    write = _units if system is System.SYSTEMD else _dag
    return {name: text for one in schedules for name, text in write(one, root, program).items()}


def _cron(schedule: Schedule, root: Path, program: Sequence[str]) -> str:
    place, command = shlex.quote(str(root)), shlex.join([*program, *_arguments(schedule, root)])
    line = f'cd {place} && WAKIT_HOME={place} {command} --key "{schedule.id}@$({_DATE})"'.replace("%", "\\%")
    line = f"{_five(schedule)} {line}"
    if "\n" in line or len(line) > _CRON_LINE:
        msg = f"The parameters of {schedule.name!r} cannot stand in a crontab: they are too long, or of several lines."
        raise InvalidInput(f"{msg} Export to systemd, or let the notebook read them from a file.", name=schedule.name)
    return (
        f"# wakit schedule {schedule.name}. The next line sets the time zone in cronie; other crons read the times\n"
        f"# on the machine's clock, which has to be that of {schedule.zone} for them.\n"
        f"CRON_TZ={schedule.zone}\n{line}\n"
    )


def _units(schedule: Schedule, root: Path, program: Sequence[str]) -> dict[str, str]:
    unit = f"wakit-{schedule.name}-{schedule.id}"
    keyed = f'exec "$0" "$@" --key "{schedule.id}@$({_DATE})"'
    command = " ".join(map(_unit_word, ["/bin/sh", "-c", keyed, *program, *_arguments(schedule, root)]))
    calendar = "\n".join(f"OnCalendar={one} {schedule.zone}" for one in _calendar(Crontab.parse(schedule.cron)))
    environment = _unit_word(f"WAKIT_HOME={root}", env=True)
    service = (
        f"[Unit]\nDescription=wakit schedule {schedule.name}\n\n"
        f"[Service]\nType=oneshot\nWorkingDirectory={_unit_path(root)}\nEnvironment={environment}\n"
        f"ExecStart={command}\nSuccessExitStatus={_BUSY}\n"
    )
    timer = (
        f"[Unit]\nDescription=wakit schedule {schedule.name}\n\n"
        f"[Timer]\n{calendar}\nPersistent={'true' if schedule.misfire is Misfire.ONCE else 'false'}\nAccuracySec=1s\n\n"
        f"[Install]\nWantedBy=timers.target\n"
    )
    return {f"{unit}.service": service, f"{unit}.timer": timer}


def _dag(schedule: Schedule, root: Path, program: Sequence[str]) -> dict[str, str]:
    place = shlex.quote(str(root))
    command = f"cd {place} && WAKIT_HOME={place} {shlex.join([*program, *_arguments(schedule, root)])}"
    slot = f"{{{{ (logical_date or dag_run.run_after).strftime('{SLOT}') }}}}"
    bash = f"{_untemplated(command)} --key {schedule.id}@{slot}"
    name = f"wakit_{schedule.name}"
    text = f'''\
"""wakit schedule {schedule.name}: a run for a slot that is done already is none."""

from datetime import datetime, timezone

from airflow import DAG
from airflow.timetables.trigger import CronTriggerTimetable

try:
    from airflow.providers.standard.operators.bash import BashOperator
except ImportError:  # Airflow 2
    from airflow.operators.bash import BashOperator

with DAG(
    dag_id={name!r},
    schedule=CronTriggerTimetable({_five(schedule)!r}, timezone={schedule.zone!r}),
    start_date=datetime.fromtimestamp({int(schedule.created_at.timestamp())}, timezone.utc),
    catchup=False,
    max_active_runs=1,
):
    BashOperator(task_id="run", bash_command={bash!r}, skip_on_exit_code={_BUSY})
'''
    return {f"{name}.py": text}


def _arguments(schedule: Schedule, root: Path) -> list[str]:
    return schedule.with_(notebook=str(root / schedule.notebook)).arguments()


def _five(schedule: Schedule) -> str:
    """Return the five fields as every cron reads them: not all know a week that ends on Sunday by name."""
    *others, weekday = schedule.cron.split()
    if "-sun" in weekday.lower():
        weekday = ",".join(map(str, Crontab.parse(schedule.cron).weekdays))
    return " ".join([*others, weekday])


def _calendar(crontab: Crontab) -> list[str]:
    """Return one calendar event of systemd, or two of which either may be met."""
    weekdays = "" if len(crontab.weekdays) == 7 else ",".join(WEEKDAYS[day].capitalize() for day in crontab.weekdays) + " "
    months, days = _some(crontab.months, 12), _some(crontab.days, 31)
    time = f"{_some(crontab.hours, 24)}:{_some(crontab.minutes, 60)}:00"
    if crontab.either_day:
        return [f"*-{months}-{days} {time}", f"{weekdays}*-{months}-* {time}"]
    return [f"{weekdays}*-{months}-{days} {time}"]


def _some(numbers: tuple[int, ...], many: int) -> str:
    return "*" if len(numbers) == many else ",".join(f"{number:02d}" for number in numbers)


def _unit_word(text: str, *, env: bool = False) -> str:
    """Return a word of a unit file; only a command line knows variables."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("%", "%%")
    return f'"{text}"' if env else f'"{text.replace("$", "$$")}"'


def _unit_path(path: Path) -> str:
    return str(path).replace("%", "%%")


def _untemplated(text: str) -> str:
    """Return *text* for a Jinja template that says just that."""
    return re.sub(r"\{[{%#]", lambda found: f"{{{{ '{found[0]}' }}}}", text)
