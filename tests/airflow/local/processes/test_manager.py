"""The process manager, as the tests of faults use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.processes.manager import Process, Processes
from local.state import State

DEAF = ["/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"]
"""As every process is between fork and exec."""


def test_a_crash_does_not_wait_for_a_new_process_that_is_deaf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The manager may start a process again before it can be told to stop it: that one is killed too, and no grace
    period goes by in which it lives on."""
    state = State(tmp_path / "platform")
    state.prepare()
    processes = Processes(state, "password")
    processes.open([Process(name="deaf", command=DEAF, directory=tmp_path, stop_seconds=10)])
    kill, missed = processes.kill, iter(["the one before", "the one before"])
    try:
        processes.start("deaf")
        before = processes.states()["deaf"]["pid"]
        monkeypatch.setattr(processes, "kill", lambda name: next(missed, None) or kill(name))
        processes.crash("deaf", pause=0)
        assert processes.states()["deaf"]["pid"] not in (0, before)
        assert "killing 'deaf'" not in (state.logs / "processes.log").read_text()
    finally:
        kill("deaf")
        processes.close()
