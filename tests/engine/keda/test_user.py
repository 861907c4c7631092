"""A server that refuses to be root runs as another user, on the same leash."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from local.services.postgres import USERS_FOR_ROOT
from tests.engine.programs import CHECKOUT

OWNER = """
import pathlib, sys, time
from tests.engine.parts import Part
part = Part(name="sleep", command=["sleep", "300"], log=pathlib.Path(sys.argv[1]), user=sys.argv[2] or None)
part.start(lambda: True)
print(part.process.pid, flush=True)
time.sleep(300)
"""


def test_it_dies_with_whoever_started_it(tmp_path: Path) -> None:
    """Its owner killed, nothing runs on; under root it was the ordinary user that ran it."""
    user = USERS_FOR_ROOT[-1] if os.geteuid() == 0 else ""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, tmp_path / "log", user], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        part = Path("/proc") / owner.stdout.readline().strip()
        try:
            _wait(lambda: (part / "cmdline").read_bytes().startswith(b"sleep"))
            assert part.stat().st_uid == (pwd.getpwnam(user).pw_uid if user else os.geteuid())
        finally:
            owner.send_signal(signal.SIGKILL)
    _wait(lambda: not part.exists() or "State:\tZ" in (part / "status").read_text(encoding="utf-8"))


def _wait(ready: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.05)
