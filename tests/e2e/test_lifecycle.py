"""However a run begins or ends, the next one works, and nothing is left running."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local.install import ROOT
from local.processes.leftovers import stop_leftovers
from local.services.postgres import forget, postgres
from local.state import State

READY_SECONDS = 240
STOP_SECONDS = 60


class Run:
    """`python -m local up` in a terminal of its own."""

    def __init__(self, data: Path, *options: str) -> None:
        command = [sys.executable, "-m", "local", "--data", str(data), "up", "--free-ports", "--quiet", *options]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        self.said = ""

    def until(self, text: str) -> bool:
        """Whether it says this before it ends."""
        assert self.process.stdout
        timer = time.monotonic() + READY_SECONDS
        for line in self.process.stdout:
            self.said += line
            if text in line or time.monotonic() > timer:
                return text in line
        return False

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        with contextlib.suppress(ValueError):
            self.said += self.process.communicate(timeout=STOP_SECONDS)[0]
        return self.process.returncode


def living(data: Path) -> list[str]:
    """Processes whose working directory or command line lies in the data directory."""
    found: list[str] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if str(data) in process.cwd() or str(data) in " ".join(process.cmdline()):
                found.append(f"{process.pid} {process.name()}")
    return found


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory that is used again and again, and stopped whatever a test did."""
    root = tmp_path_factory.mktemp("lifecycle") / "data"
    yield root
    if root.exists():
        state = State(root)
        stop_leftovers(state, postgres(state).data)
        forget(state)


def test_ctrl_c_leaves_no_process_and_the_second_start_is_quick(data: Path) -> None:
    """The first start prints user and password, and what to try next; `demo` brings its observations to the warehouse
    and says what it set aside. Ctrl-C stops everything; the second start makes nothing anew."""
    first = Run(data)
    assert first.until("Ctrl-C stops everything"), first.said
    assert first.said.count("password  ") == 1
    assert "make demo" in first.said
    shown = subprocess.run(
        [sys.executable, "-m", "local", "--data", str(data), "demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stdout + shown.stderr
    for said in ("ponta-delgada", "drizzle", "precipitation is not within", "it lies in no folder", "/tasks/take"):
        assert said in shown.stdout
    assert "migrating the database" in first.said
    assert first.end(signal.SIGINT) == 0, first.said
    assert living(data) == []

    second = Run(data)
    assert second.until("Ctrl-C stops everything"), second.said
    assert "migrating the database" not in second.said
    assert second.end(signal.SIGTERM) == 0
    assert living(data) == []


def test_a_second_run_on_the_same_data_is_refused(data: Path) -> None:
    """Two runs never share a data directory; the message names the first one, which goes on."""
    first = Run(data)
    assert first.until("emulator is ready"), first.said
    second = Run(data)
    assert second.process.wait(30) == 1
    assert second.process.stdout
    assert f"already runs (process {first.process.pid})" in second.process.stdout.read()
    assert first.process.poll() is None
    # Ctrl-C in the middle of the start stops as much as one at the end.
    first.end(signal.SIGINT)
    assert living(data) == []


def test_a_killed_run_is_cleaned_up_by_the_next(data: Path) -> None:
    """After kill -9 of the command and of the process manager, the next start stops what they left, and works."""
    killed = Run(data)
    assert killed.until("Ctrl-C stops everything"), killed.said
    manager = [
        child for child in psutil.Process(killed.process.pid).children() if "supervisor" in " ".join(child.cmdline())
    ]
    os.kill(killed.process.pid, signal.SIGKILL)
    for process in manager:
        process.kill()
    killed.process.wait()
    assert living(data)

    following = Run(data)
    assert following.until("Ctrl-C stops everything"), following.said
    assert "The previous run was killed" in following.said
    assert following.end(signal.SIGINT) == 0
    assert living(data) == []


def test_a_port_in_use_is_named_with_its_owner(data: Path) -> None:
    """The message says which port, for what, who has it, and the way out; nothing was started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = Run(data, "--port", f"flower={port}")
        assert run.process.wait(30) == 1
        assert run.process.stdout
        said = run.process.stdout.read()
    assert f"port {port} (for flower) is used by process {os.getpid()}" in said
    assert "--port flower=" in said
    assert "Traceback" not in said
    assert living(data) == []


def test_half_made_directories_are_made_again(data: Path) -> None:
    """A first start that was cut off while it made the database leaves nothing that a later one takes for whole."""
    state = State(data)
    database = postgres(state)
    half = database.data.with_name("data.making")
    half.mkdir()
    (half / "PG_VERSION").write_text("17\n")
    database.data.rename(database.data.with_name("data.kept"))
    run = Run(data)
    assert run.until("postgres is ready"), run.said
    run.end(signal.SIGINT)
    assert living(data) == []


def test_reset_forgets_everything(data: Path) -> None:
    """After a reset no file is left, in the directory or of the database elsewhere."""
    home = postgres(State(data)).home
    result = subprocess.run([sys.executable, "-m", "local", "--data", str(data), "reset"], cwd=ROOT, check=False)
    assert result.returncode == 0
    assert not data.exists()
    assert not home.exists()
