"""The stage's own servers: heard when they do not start, and gone when whoever wanted them is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.engine.parts import Part, PartError
from tests.engine.ports import free_ports
from tests.engine.programs import CHECKOUT


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_part_that_does_not_start_shows_its_last_lines(tmp_path: Path) -> None:
    """Its name, its exit status and what it said, in one message."""
    script = "print('once upon a time'); print('port 4 is taken'); raise SystemExit(3)"
    part = Part(name="teller", command=[sys.executable, "-c", script], log=tmp_path / "teller.log")
    with pytest.raises(PartError, match=r"teller exited with 3(.|\n)*port 4 is taken"):
        part.start(ready=lambda: False)


def test_a_part_that_is_stopped_is_gone(tmp_path: Path) -> None:
    """Also one that is deaf to a polite request."""
    script = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(99)"
    )
    part = Part(name="deaf", command=[sys.executable, "-c", script], log=tmp_path / "deaf.log", stop_seconds=0.5)
    part.start(ready=lambda: "deaf" in part.tail())
    assert part.process is not None
    pid = part.process.pid
    part.stop()
    assert not alive(pid)


def test_a_test_that_is_killed_leaves_nothing_running(tmp_path: Path) -> None:
    """Kill -9 of whoever started a part: the kernel ends the part too."""
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from tests.engine.parts import Part\n"
        f"part = Part(name='sleeper', command=['sleep', '99'], log=Path({str(tmp_path / 'log')!r}))\n"
        "part.start(ready=lambda: True)\n"
        "print(part.process.pid, flush=True)\n"
        "time.sleep(99)\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", script], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    with owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        assert alive(pid)
        os.kill(owner.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(pid)


def test_free_ports_are_different_ones() -> None:
    """Parts that start together never get the same port."""
    assert len(set(free_ports(20))) == 20
