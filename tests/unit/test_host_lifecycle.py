"""One host per workspace, whoever starts it, however the one before ended."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hosts import PATIENCE, ending, kill, run_module, until

from wakit import autostart
from wakit.client import AsyncClient, connect
from wakit.config import settings
from wakit.errors import (
    CorruptFile,
    HostBusy,
    HostGone,
    HostNotResponding,
    HostVersionMismatch,
    PortInUse,
    UnsafePath,
    WorkspaceNotFound,
    WorkspaceNotWritable,
)
from wakit.hostfile import HostInfo, TcpOptions, is_alive, life_holder
from wakit.paths import Workspace

#: httpcore leaves a Unix socket that nobody answered to the garbage collector.
leaves_a_socket = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def ended(workspace: Workspace) -> Iterator[Workspace]:
    """Return a workspace whose host ends with the test."""
    with ending(workspace):
        yield workspace


def test_F06_twelve_starters_at_once_get_one_host(ended: Workspace) -> None:
    """Twelve processes that need a host at the same instant all reach the same one."""
    code = (
        "import sys; from wakit.client import connect\n"
        "sys.stdin.readline()\n"
        "wa = connect(sys.argv[1]); print(wa.host_info.pid); wa.sessions(); wa.close()"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(ended.root)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        )
        for _ in range(12)
    ]  # fmt: skip
    answers = [process.communicate("go\n", timeout=90) for process in starters]
    assert [process.returncode for process in starters] == [0] * 12, answers
    assert len({out for out, _ in answers}) == 1
    assert {out.strip() for out, _ in answers} == {str(life_holder(ended)["pid"])}


def test_F06_second_host_by_hand_leaves_with_75_and_says_who_is_there(ended: Workspace) -> None:
    """Exit code 75, and the first host's pid and start in the message; the first one is not disturbed."""
    info = autostart.launch(ended)
    second = run_module(ended)
    assert second.returncode == 75
    assert f"pid {info.pid}" in second.stderr
    assert info.started[:10] in second.stderr
    assert autostart.find(ended) == info


def test_host_publishes_itself_privately(ended: Workspace) -> None:
    """Socket, host.json, lock and log are readable by their owner only."""
    info = autostart.launch(ended)
    for path in (Path(info.socket), ended.host_file, ended.life_lock, ended.host_log, ended.database):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert (info.pid, info.protocol) == (life_holder(ended)["pid"], 1)


def test_graceful_stop_leaves_nothing_behind(ended: Workspace) -> None:
    """After SIGTERM neither host.json nor socket are there, and the lock is free."""
    info = autostart.launch(ended)
    assert autostart.stop(ended)
    assert not ended.host_file.exists()
    assert not Path(info.socket).exists()
    assert not is_alive(ended)
    assert not autostart.stop(ended)


def test_what_a_killed_host_left_is_replaced(ended: Workspace) -> None:
    """Stale host.json and socket of a SIGKILLed host are no obstacle."""
    first = autostart.launch(ended)
    kill(ended)
    assert ended.host_file.exists()
    assert Path(first.socket).exists()
    with connect(ended) as wa:
        assert wa.host_info.pid != first.pid
        assert wa.sessions() == []


@leaves_a_socket
def test_client_goes_on_with_the_next_host_by_itself(ended: Workspace) -> None:
    """A client that outlived its host starts the next one at its next call."""
    with connect(ended) as wa:
        first = wa.host_info.pid
        kill(ended)
        assert wa.sessions() == []
        assert wa.host_info.pid != first


@leaves_a_socket
def test_client_that_may_not_start_a_host_says_so(ended: Workspace) -> None:
    """Without a host the error names the command, at first and later."""
    with pytest.raises(HostGone, match="wakit host start"):
        connect(ended, start=False)
    autostart.launch(ended)
    with connect(ended, start=False) as wa:
        assert wa.sessions() == []
        autostart.stop(ended)
        with pytest.raises(HostGone, match="wakit host start"):
            wa.sessions()


def test_async_client_attaches_and_goes_on_too(ended: Workspace) -> None:
    """The async client has the same life."""

    async def scene() -> None:
        async with await AsyncClient.connect(ended) as wa:
            first = wa.host_info.pid
            assert await wa.sessions() == []
            kill(ended)
            assert await wa.sessions() == []
            assert wa.host_info.pid != first

    asyncio.run(scene())


def test_damaged_host_json_of_a_dead_host_is_taken_over(ended: Workspace) -> None:
    """Nobody holds the life lock, so the file is just rubbish."""
    ended.host_file.write_text("{half")
    ended.host_file.chmod(0o600)
    with connect(ended) as wa:
        assert wa.sessions() == []


@pytest.mark.parametrize("content", ["{half", "[]", '{"pid": 1}', '{"pid": "1", "started": "x"}'])
def test_damaged_host_json_of_a_living_host_is_an_error_with_a_next_step(ended: Workspace, content: str) -> None:
    """It names the file and the restart, which works without it."""
    first = autostart.launch(ended)
    ended.host_file.write_text(content)
    with pytest.raises(CorruptFile, match="wakit host restart") as caught:
        connect(ended)
    assert str(ended.host_file) in str(caught.value)
    assert autostart.restart(ended).pid != first.pid


def test_host_json_that_others_can_read_is_refused(ended: Workspace) -> None:
    """The file says where a token lies; it must be private."""
    autostart.launch(ended)
    ended.host_file.chmod(0o644)
    with pytest.raises(UnsafePath, match="chmod 600"):
        connect(ended)


@pytest.mark.parametrize("kind", ["link", "folder", "file"])
def test_F07_what_is_no_socket_of_ours_is_refused_and_left(ended: Workspace, tmp_path: Path, kind: str) -> None:
    """A link, a folder or a file in the socket's place is never followed nor removed."""
    target = tmp_path / "elsewhere"
    target.write_text("precious")
    {"link": lambda: ended.socket.symlink_to(target), "folder": ended.socket.mkdir, "file": lambda: ended.socket.write_text("x")}[
        kind
    ]()
    with pytest.raises(UnsafePath, match=r"host\.sock"):
        autostart.launch(ended)
    assert target.read_text() == "precious"
    assert ended.socket.is_symlink() or ended.socket.exists()
    assert not is_alive(ended)


def test_F07_link_in_the_place_of_a_lock_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    """The life lock decides who owns the workspace; it is never reached through a link."""
    target = tmp_path / "elsewhere"
    target.write_text("precious")
    workspace.life_lock.symlink_to(target)
    with pytest.raises(UnsafePath):
        autostart.launch(workspace)
    assert target.read_text() == "precious"


def test_frozen_host_is_a_quick_error_and_no_second_host(ended: Workspace) -> None:
    """SIGSTOP: the client says "alive, not answering" within seconds; after SIGCONT all is well."""
    info = autostart.launch(ended)
    os.kill(info.pid, signal.SIGSTOP)
    begin = time.monotonic()
    with pytest.raises(HostNotResponding, match="wakit host restart") as caught:
        connect(ended)
    assert time.monotonic() - begin < 2 * autostart.PROBE_TIMEOUT
    assert caught.value.data["pid"] == info.pid
    os.kill(info.pid, signal.SIGCONT)
    with connect(ended) as wa:
        assert wa.host_info.pid == info.pid


def test_restart_ends_even_a_frozen_host(ended: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next step that the error names works."""
    monkeypatch.setenv("WAKIT_STOP_TIMEOUT", "0.2")
    settings.cache_clear()
    info = autostart.launch(ended)
    os.kill(info.pid, signal.SIGSTOP)
    assert autostart.restart(ended).pid != info.pid


def test_port_in_use_is_told_to_the_starter(ended: Workspace) -> None:
    """The error names the port and no host stays."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=str(port)):
            autostart.launch(ended, TcpOptions(port=port))
    assert not is_alive(ended)
    assert not ended.host_file.exists()


def test_tcp_asked_of_a_host_without_it_is_refused(ended: Workspace) -> None:
    """A running host is not restarted behind anybody's back; the error says how to."""
    autostart.launch(ended)
    with pytest.raises(HostBusy, match="wakit host restart --tcp"):
        autostart.launch(ended, TcpOptions(port=0))


def test_host_of_another_protocol_is_not_spoken_to(ended: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newer client asks for a restart and kills nothing."""
    info = autostart.launch(ended)
    monkeypatch.setattr("wakit.hostfile.PROTOCOL", 2)
    with pytest.raises(HostVersionMismatch, match="wakit host restart"):
        connect(ended)
    assert life_holder(ended)["pid"] == info.pid


def test_no_workspace_is_said_before_anything_is_made(tmp_path: Path) -> None:
    """A folder without auth_sessions/ and data/ stays as it is."""
    with pytest.raises(WorkspaceNotFound, match="wakit init"):
        connect(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a folder that it cannot write to")
def test_unwritable_workspace_is_said_and_left_as_it_is(workspace: Workspace) -> None:
    """A workspace on a read-only disk is a typed error that names the folder."""
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "ro,mode=700", "tmpfs", str(workspace.sessions)], check=False, capture_output=True
    )
    if made.returncode:
        pytest.skip("this machine allows no mounts")
    try:
        with pytest.raises(WorkspaceNotWritable, match="auth_sessions"):
            connect(workspace)
        assert run_module(workspace).returncode == 1
    finally:
        subprocess.run(["umount", str(workspace.sessions)], check=True)


def test_host_leaves_by_itself_when_nobody_needs_it(ended: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """No client and no account for idle_exit seconds: the host ends in order."""
    monkeypatch.setenv("WAKIT_IDLE_EXIT", "0.4")
    autostart.launch(ended)
    until(lambda: not is_alive(ended))
    assert not ended.host_file.exists()
    assert "nobody was here" in ended.host_log.read_text()


def test_open_stream_keeps_the_host(ended: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever listens is somebody."""
    monkeypatch.setenv("WAKIT_IDLE_EXIT", "0.3")
    with connect(ended) as wa:
        watching = wa.watch("ana")
        assert next(watching).state == "stopped"
        time.sleep(1.0)
        assert is_alive(ended)
        watching.close()
    until(lambda: not is_alive(ended))


def test_stop_over_rest_ends_the_host_and_its_streams(ended: Workspace) -> None:
    """POST /api/host/stop is a graceful stop; a listener is told and does not start another host."""
    with connect(ended) as wa, connect(ended) as other:
        caught: list[BaseException] = []

        def listen() -> None:
            try:
                for _ in other.events():
                    pass
            except HostGone as exc:
                caught.append(exc)

        listener = threading.Thread(target=listen)
        listener.start()
        wa.stop_host()
        listener.join(PATIENCE)
        assert len(caught) == 1
        until(lambda: not is_alive(ended))


def test_workspace_modules_do_not_shadow_the_hosts(ended: Workspace) -> None:
    """A notebook folder with a random.py or json.py of its own still gets a host."""
    for name in ("random.py", "json.py", "asyncio.py"):
        (ended.root / name).write_text("raise SystemExit('shadowed')")
    with connect(ended) as wa:
        assert wa.sessions() == []


def test_host_that_dies_while_starting_is_told_with_its_log(ended: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash before the host serves is an error that names the log, at once."""
    ended.database.write_bytes(b"this is no database")
    ended.database.chmod(0o600)
    with pytest.raises(CorruptFile, match=r"wakit\.duckdb"):
        autostart.launch(ended)
    assert not is_alive(ended)
    assert ended.database.read_bytes() == b"this is no database"


def test_host_survives_the_kill_of_its_starters_process_group(ended: Workspace) -> None:
    """Jupyter restarts a kernel by killing its process group; the host is not in it."""
    code = "import sys, time; from wakit.client import connect; connect(sys.argv[1]); print('up', flush=True); time.sleep(60)"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    kernel = subprocess.Popen(
        [sys.executable, "-c", code, str(ended.root)], stdout=subprocess.PIPE, env=environment, start_new_session=True
    )
    assert kernel.stdout is not None
    assert kernel.stdout.readline() == b"up\n"
    os.killpg(kernel.pid, signal.SIGKILL)
    kernel.communicate()
    with connect(ended, start=False) as wa:
        assert wa.sessions() == []


def test_long_workspace_path_gets_its_socket_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that no socket fits in works, and host.json says where the socket is."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    workspace = Workspace(tmp_path / ("long" * 20) / ("path" * 10)).create()
    try:
        info = autostart.launch(workspace)
        assert not info.socket.startswith(str(workspace.root))
        with connect(workspace) as wa:
            assert wa.sessions() == []
        assert stat.S_IMODE(Path(info.socket).parent.stat().st_mode) == 0o700
    finally:
        autostart.stop(workspace)


def test_host_info_is_read_back(workspace: Workspace) -> None:
    """host.json says what the host wrote."""
    info = HostInfo(pid=1, started="2026-11-24T10:00:00+00:00", protocol=1, version="0", socket="/x", tcp="http://127.0.0.1:1")
    info.write(workspace)
    assert HostInfo.read(workspace) == info
