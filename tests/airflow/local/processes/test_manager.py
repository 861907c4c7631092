"""The process manager: what it starts is what was asked for, and how the tests of faults use it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.processes.manager import Processes
from local.processes.process import Process
from local.state import State

DEAF = ["/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"]
"""As every process is between fork and exec."""
TELL = """
import json, os, sys, time
from pathlib import Path
place = Path(sys.argv[1])
place.with_suffix(".making").write_text(json.dumps([sys.argv[2:], os.getcwd(), dict(os.environ)]))
place.with_suffix(".making").rename(place)
time.sleep(60)
"""
"""A program that writes down how it was started."""
WORDS = [
    *("plain", "two words", "", " ", "a  b", "it's", 'say "so"', "'", '"', "back\\slash", "\\", "$HOME", "`x`", "*"),
    *("100%", "%(here)s", "%%", "%(ENV_HOME)s", "a;b", "a ;b", "; c", ";", "x # y", "#", "a=b", "a: b", "[program:x]"),
    *("a,b", "tab\tand ;", "ü €", "' ;", '" #', "% ; '\" #"),
]


@contextmanager
def managed(state: State, *wanted: Process) -> Iterator[Processes]:
    """A manager that knows these processes."""
    state.prepare()
    processes = Processes(state, "100% ;secret")
    processes.open(wanted)
    try:
        yield processes
    finally:
        processes.close()


def told(place: Path) -> tuple[list[str], Path, dict[str, str]]:
    """What a program wrote down: its arguments, its directory, its environment."""
    deadline = time.monotonic() + 20
    while not place.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    arguments, directory, environment = json.loads(place.read_text())
    return arguments, Path(directory), environment


@pytest.mark.parametrize("folder", ["plain", "with space", "100% 'odd' (x)", "C #1 ;x"])
def test_a_command_arrives_as_it_was(tmp_path: Path, folder: str) -> None:
    """Whatever stands in arguments, environment or the path of the data directory: the program gets just that."""
    state = State(tmp_path / folder / "data")
    program, variables = tmp_path / "tell.py", {"PATH": "/usr/bin:/bin", "ODD": "a,b ;c \"d\" 'e' %(here)s #\n2nd line"}
    program.write_text(TELL)
    bare, full = state.root / "bare 1;.json", state.root / "full.json"
    command = [sys.executable, str(program)]
    state.prepare()
    wanted = [
        Process(name="bare", command=[*command, str(bare), *WORDS], directory=state.root),
        Process(name="full", command=[*command, str(full), *WORDS], directory=state.run, environment=variables),
    ]
    with managed(state, *wanted) as processes:
        processes.start("bare", "full")
        for place, directory in ((bare, state.root), (full, state.run)):
            arguments, where, environment = told(place)
            assert arguments == WORDS
            assert where.samefile(directory)
        assert {name: environment.get(name) for name in variables} == variables
        assert "HOME" not in environment
        assert sorted(path.name for path in state.logs.iterdir()) == ["bare.log", "full.log", "processes.log"]


def test_a_crash_does_not_wait_for_a_new_process_that_is_deaf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The manager may start a process again before it can be told to stop it. That one is killed too, so that it does
    not live on for a grace period."""
    state = State(tmp_path / "platform")
    with managed(state, Process(name="deaf", command=DEAF, directory=tmp_path, stop_seconds=10)) as processes:
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
