"""Schedules written down for cron, systemd and Airflow: what is written runs, and with the key of the slot."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2
import pytest

from wakit.errors import InvalidInput
from wakit.schedule import Misfire, Schedule
from wakit.schedule_export import System, exported

SLOT = datetime(2026, 11, 24, 14, tzinfo=UTC)
#: Everything that a shell, a crontab, a unit file or a template could take for its own.
HOSTILE = "50% de \"descuento\" y 'más' $HOME `id` {{ ds }} {% x %} \\ ;&|"
STUB = (sys.executable, "-c", "import os, sys, json; print(json.dumps([os.environ['WAKIT_HOME'], os.getcwd(), *sys.argv[1:]]))")


def schedule(**how: Any) -> Schedule:
    return Schedule(
        **{
            "id": "a1b2",
            "name": "notify",
            "cron": "0 9 * * MON-SAT",
            "zone": "America/Bogota",
            "notebook": "notebooks/05 notify.ipynb",
            "parameters": {"text": HOSTILE, "n": 3},
            "send": True,
            "created_at": SLOT,
            **how,
        }
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "mi tienda"
    folder.mkdir()
    return folder


def wanted(root: Path) -> list[str]:
    """Return what the stub prints when it is run as it should be, but for the slot."""
    notebook = f"{root}/notebooks/05 notify.ipynb"
    return [str(root), str(root), "run", notebook, "-p", f"text={HOSTILE}", "-p", "n=3", "--send", "--key"]


def said(argv: list[str]) -> list[str]:
    """Run a command without any environment, as cron does, and return what the stub was given."""
    done = subprocess.run(argv, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=30, check=True)
    found = ast.literal_eval(done.stdout)
    assert re.fullmatch(r"a1b2@\d{4}-\d\d-\d\dT\d\d:\d\dZ", found[-1])
    return list(found)


def test_crontab_line_runs_with_the_key_of_the_slot(root: Path) -> None:
    """What cron hands to the shell is the command with its arguments as they were given, in the workspace."""
    text = exported([schedule()], System.CRON, root=root, program=STUB)["crontab"]
    zone, line = text.splitlines()[-2:]
    assert zone == "CRON_TZ=America/Bogota"
    assert line.startswith("0 9 * * MON-SAT cd ")
    assert not re.search(r"(?<!\\)%", line), "an unescaped percent sign ends a command of cron"
    command = line.removeprefix("0 9 * * MON-SAT ").replace("\\%", "%")
    assert said(["/bin/sh", "-c", command])[:-1] == wanted(root)


def test_week_that_ends_on_sunday_is_written_in_numbers(root: Path) -> None:
    """Not every cron knows FRI-SUN."""
    text = exported([schedule(cron="0 9 * * FRI-SUN")], System.CRON, root=root, program=STUB)["crontab"]
    assert "\n0 9 * * 0,5,6 cd " in text


@pytest.mark.parametrize("value", ["two\nlines", "x" * 1000])
def test_parameter_that_no_crontab_can_hold_is_refused(root: Path, value: str) -> None:
    """Cron would run something else."""
    with pytest.raises(InvalidInput, match="cannot stand in a crontab"):
        exported([schedule(parameters={"text": value})], System.CRON, root=root, program=STUB)


def test_timer_catches_up_and_names_its_zone(root: Path) -> None:
    """Persistent=true runs what was missed, once; two conditions on the day become two lines."""
    units = exported([schedule()], System.SYSTEMD, root=root, program=STUB)
    timer = units["wakit-notify-a1b2.timer"]
    assert "OnCalendar=Mon,Tue,Wed,Thu,Fri,Sat *-*-* 09:00:00 America/Bogota\n" in timer
    assert "Persistent=true\n" in timer
    either = schedule(cron="*/30 9 1 1 MON", misfire=Misfire.SKIP)
    timer = exported([either], System.SYSTEMD, root=root, program=STUB)["wakit-notify-a1b2.timer"]
    assert "OnCalendar=*-01-01 09:00,30:00 America/Bogota\nOnCalendar=Mon *-01-* 09:00,30:00 America/Bogota\n" in timer
    assert "Persistent=false\n" in timer


def test_service_runs_with_the_key_of_the_slot(root: Path) -> None:
    """What systemd starts is the command with its arguments as they were given."""
    service = exported([schedule()], System.SYSTEMD, root=root, program=STUB)["wakit-notify-a1b2.service"]
    assert f"WorkingDirectory={root}\n" in service
    (line,) = re.findall(r"^ExecStart=(.*)$", service, re.MULTILINE)
    words = [re.sub(r"\\(.)", r"\1", word) for word in re.findall(r'"((?:[^"\\]|\\.)*)"', line)]
    argv = [word.replace("%%", "%").replace("$$", "$") for word in words]
    done = subprocess.run(
        argv,
        env={"PATH": "/usr/bin:/bin", "WAKIT_HOME": str(root)},
        cwd=root,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert ast.literal_eval(done.stdout)[:-1] == wanted(root)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
@pytest.mark.parametrize("cron", ["0 9 * * MON-SAT", "*/5 8-18 1,15 * 5", "30 23 31 1-3 *"])
def test_systemd_reads_the_calendar(root: Path, cron: str) -> None:
    """Its own parser takes every line."""
    timer = exported([schedule(cron=cron)], System.SYSTEMD, root=root, program=STUB)["wakit-notify-a1b2.timer"]
    for event in re.findall(r"^OnCalendar=(.*)$", timer, re.MULTILINE):
        done = subprocess.run(["systemd-analyze", "calendar", event], capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0, done.stderr


def test_dag_is_python_and_its_command_survives_the_template(root: Path) -> None:
    """Airflow renders the command with Jinja; what was given comes out as it was, with the slot as key."""
    (text,) = exported([schedule()], System.AIRFLOW, root=root, program=STUB).values()
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    (operator,) = [call for call in calls if call.func.id == "BashOperator"]  # type: ignore[attr-defined]
    given = {word.arg: ast.literal_eval(word.value) for word in operator.keywords}
    assert given["skip_on_exit_code"] == 75
    command = jinja2.Template(given["bash_command"]).render(logical_date=SLOT)
    found = said(["/bin/bash", "-c", command])
    assert (found[:-1], found[-1]) == (wanted(root), schedule().key(SLOT))
    assert "CronTriggerTimetable('0 9 * * MON-SAT', timezone='America/Bogota')" in text
