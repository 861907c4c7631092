"""A fork of the preloaded Python does what a new one does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.forks import Fork

pytestmark = pytest.mark.engine
SCRIPT = """
import json, os, sys
print(json.dumps([sys.argv, sys.path[0], os.getcwd(), dict(os.environ), __name__, sys.stdin.read()]))
print("an error", file=sys.stderr)
sys.exit(int(sys.argv[1]))
"""


@pytest.mark.parametrize("code", ["0", "32"])
def test_a_script_sees_and_says_the_same(tmp_path: Path, code: str) -> None:
    """Arguments, search path, folder, environment, input, both outputs and the exit code, and nobody's variables."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    environment = {"LC_CTYPE": "C.UTF-8", "OF_THE_TEST": "é"}
    wanted = subprocess.run(
        [sys.executable, "-u", str(script), code],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    fork = Fork([str(script), code], cwd=str(tmp_path), environment=environment)
    with fork.stdout, fork.stderr:
        assert (fork.stdout.read(), fork.stderr.read(), fork.wait()) == (wanted.stdout, wanted.stderr, int(code))


def test_one_that_is_killed_is_told_as_killed(tmp_path: Path) -> None:
    """As `subprocess` tells it; and it is gone."""
    script = tmp_path / "script.py"
    script.write_text("import os, time\nprint(os.getpid())\ntime.sleep(600)\n")
    fork = Fork([str(script)], cwd=str(tmp_path), environment={})
    with fork.stdout, fork.stderr:
        pid = int(fork.stdout.readline())
        fork.kill()
        assert fork.wait() == -9
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
