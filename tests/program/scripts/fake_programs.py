"""Stand-ins on PATH for `pulumi` and `aws`: they write down how they were called, and answer as the real ones."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PULUMI = """#!{python}
import json, pathlib, sys
arguments = [argument for argument in sys.argv[1:] if argument != "--non-interactive"]
if arguments == ["version"]:
    print("v3.200.0")  # the last ones that report events by file, which is easy to write
    sys.exit()
with open({calls!r}, "a") as calls:
    calls.write(" ".join(arguments) + "\\n")
if "--event-log" in arguments:
    summary = dict(maybeCorrupt=False, durationSeconds=0, resourceChanges=dict(), PolicyPacks=dict())
    event = json.dumps(dict(sequence=1, timestamp=0, summaryEvent=summary))
    pathlib.Path(arguments[arguments.index("--event-log") + 1]).write_text(event + "\\n")
update = dict(kind="update", message="", environment=dict(), config=dict(), result="succeeded")
match arguments[:2]:
    case ["whoami", _]:
        print(json.dumps(dict(user="me", url="file://" + {backend!r})))
    case ["stack", "export"]:
        print({state!r})
    case ["stack", "output"]:
        print(json.dumps(dict()))
    case ["stack", "history"]:
        print(json.dumps([dict(update, startTime="2026-01-01T00:00:00.000Z", endTime="2026-01-01T00:00:00.000Z")]))
    case [operation, *_] if operation == {failing!r}:
        print("half of it", flush=True)
        print({complaint!r}, file=sys.stderr)
        sys.exit(255)
    case [operation, *_]:
        print(operation, "was shown", flush=True)
"""
AWS = """#!{python}
import json, sys
if "describe-log-groups" in sys.argv:
    print(json.dumps(dict(logGroups=[dict(logGroupName=name) for name in {log_groups!r}])))
elif {account!r}:
    print('{{"Account": "{account}"}}')
else:
    sys.exit("Unable to locate credentials")
"""


@dataclass(frozen=True)
class FakePrograms:
    """A directory to be put first on PATH."""

    folder: Path

    @property
    def calls(self) -> list[str]:
        """The commands that `pulumi` was called with."""
        log = self.folder / "calls"
        return log.read_text().splitlines() if log.exists() else []

    @property
    def backend(self) -> Path:
        """Where the states are, and their locks."""
        return self.folder / "backend"

    def install(
        self,
        *,
        account: str = "111122223333",
        failing: str = "",
        complaint: str = "",
        pending: Sequence[Mapping[str, Any]] = (),
        resources: Sequence[Mapping[str, Any]] = (),
        log_groups: Sequence[str] = (),
    ) -> None:
        """Make both. `failing` is the operation of pulumi that fails, with `complaint` on standard error.

        The state holds `resources` and the `pending` operations; CloudWatch has `log_groups`.
        """
        deployment = {"resources": list(resources), "pending_operations": list(pending)}
        state = json.dumps({"version": 3, "deployment": deployment})
        known = {"python": sys.executable, "calls": str(self.folder / "calls"), "backend": str(self.backend)}
        known["state"] = state
        self._program("pulumi", PULUMI.format(**known, failing=failing, complaint=complaint))
        self._program("aws", AWS.format(**known, account=account, log_groups=list(log_groups)))
        own = self.folder / "git"
        if not own.exists() and (git := shutil.which("git")):
            # The real one: in a checkout the plan asks it which DAGs are ignored.
            own.symlink_to(git)

    def lock(self, stack: str, **content: Any) -> None:
        """Lock a stack as Pulumi does."""
        file = self.backend / ".pulumi" / "locks" / "organization" / "alisio" / stack / "a-uuid.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content))

    def remove(self, *names: str) -> None:
        """Take programs away."""
        for name in names:
            (self.folder / name).unlink()

    def path(self, more: Sequence[str] = ()) -> str:
        """PATH with nothing but the stand-ins, and what they need."""
        return os.pathsep.join([str(self.folder), *more])

    def _program(self, name: str, text: str) -> None:
        program = self.folder / name
        program.write_text(text)
        program.chmod(0o755)


def fake(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, answers: Mapping[str, Any]) -> Path:
    """A program that answers with JSON by a word of its call; what it was called with is in the file."""
    calls, program = folder / f"{name}.calls", folder / name
    program.write_text(
        "#!/usr/bin/env python3\nimport json, sys\n"
        f"open({str(calls)!r}, 'a').write(' '.join(sys.argv[1:]) + '\\n')\n"
        f"print(next(answer for word, answer in {[[k, json.dumps(v)] for k, v in answers.items()]!r}"
        " if word in sys.argv))\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return calls
