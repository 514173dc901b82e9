"""``wakit consent …`` writes down what people agree to and take back, through a real host."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hosts import ending

from wakit.cli import main
from wakit.paths import Workspace

ANA, BETO = "+57 300 123 4567", "+57 300 123 4568"

Run = Callable[..., str]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace whose host the first command starts."""
    with ending(Workspace(tmp_path_factory.mktemp("consent") / "shop").create()) as found:
        yield found


@pytest.fixture
def run(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in the workspace and return what it writes; it ends with the exit code that is expected."""
    monkeypatch.chdir(workspace.root)
    monkeypatch.setenv("WAKIT_LANG", "en")

    def run(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["consent", *arguments])
        written = capsys.readouterr()
        assert ended.value.code == code, written.err
        return written.err if code else written.out

    return run


def test_agreement_is_written_down_taken_back_and_listed(run: Run) -> None:
    """Who opted out comes back only with --again; the list tells words and channel, the newest first."""
    agreed = ("in", ANA, "marketing", "--text", "Acepto ofertas", "--channel", "counter", "--at", "2026-03-01")
    assert (
        "2026-03-01 05:00 UTC · default · 573001234567@s.whatsapp.net · marketing · agreed · “Acepto ofertas” · counter"
        in run(*agreed)
    )
    assert run("out", ANA, "--text", "no más").count("wants no more · “no más” · terminal") == 2
    assert "--again" in run(*agreed, code=3)
    assert run("in", ANA, "marketing", "--text", "Acepto otra vez", "--again").count("agreed") == 1
    assert [line["state"] for line in json.loads(run("list", ANA, "--purpose", "marketing", "--json"))] == ["in", "out", "in"]
    assert run("list", "--state", "out").count("\n") == 2
    assert run("list", BETO) == "Nobody agreed to anything or took it back.\n"


def test_file_is_imported_without_those_who_opted_out(run: Run, tmp_path: Path) -> None:
    """A dry run says what would be new; the same file again adds nothing."""
    file = tmp_path / "in.csv"
    file.write_text("phone,purpose,text\n3001230001,marketing,Acepto\n3001230002,marketing,Acepto\n")
    run("out", "+57 300 123 0001", "marketing")
    left_out = "These rows were left out, their persons opted out: 2\n"
    assert run("import", str(file), "--country", "CO", "--dry-run") == f"1 line would be new · known already: 0\n{left_out}"
    assert run("import", str(file), "--country", "CO") == f"1 line is new · known already: 0\n{left_out}"
    assert json.loads(run("import", str(file), "--country", "CO", "--json"))["unchanged"] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("list", "--purpose", "spam"), 2, "no purpose"),
        (("list", "--state", "maybe"), 2, "neither in nor out"),
        (("in", ANA, "spam", "--text", "Acepto"), 2, "no purpose"),
        (("in", ANA, "marketing"), 2, "--text"),
        (("out", ANA, "--at", "yesterday"), 3, "no time"),
    ],
)
def test_what_cannot_be_meant_is_said(run: Run, arguments: tuple[str, ...], code: int, why: str) -> None:
    """What does not exist is named, with what there is or how to write it, before a host is asked."""
    assert why in run(*arguments, code=code)
