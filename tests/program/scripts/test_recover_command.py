"""`python -m scripts recover`, run as people run it, and how the other commands lead to it."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from tests.program.scripts.fake_programs import FakePrograms
from tests.program.scripts.test_scripts import run

NOBODY: Final = 2**22 + 1
"""No process has this number: https://man7.org/linux/man-pages/man5/proc_sys_kernel.5.html (pid_max)"""
BUCKET: Final[dict[str, Any]] = {
    "type": "creating",
    "resource": {
        "urn": "urn:pulumi:dev::alisio::aws:s3/bucket:Bucket::alisio-dev-logs",
        "type": "aws:s3/bucket:Bucket",
        "custom": True,
        "inputs": {"bucket": "alisio-dev-logs-1234567"},
    },
}


@pytest.fixture
def programs(tmp_path: Path) -> FakePrograms:
    found = FakePrograms(tmp_path)
    found.install()
    return found


def lock(programs: FakePrograms, **changed: Any) -> None:
    content = {"pid": NOBODY, "username": "ann", "hostname": socket.gethostname(), "timestamp": now()}
    programs.lock("dev", **{**content, **changed})


def now() -> str:
    return datetime.now(UTC).isoformat()


def test_a_stack_in_order_has_nothing_to_recover(programs: FakePrograms) -> None:
    """No lock, nothing pending: that is said, and nothing is changed."""
    done = run(programs, "recover", "dev")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "nothing to recover"
    assert not any(call.split()[0] in ("cancel", "refresh", "destroy") for call in programs.calls)


def test_it_says_what_it_will_do_and_asks(programs: FakePrograms) -> None:
    """Without --yes, and without anybody to ask, nothing is changed; but it is known what was interrupted."""
    lock(programs)
    programs.install(pending=[BUCKET])
    done = run(programs, "recover", "dev")
    assert done.returncode == 2
    assert f"lock of ann@{socket.gethostname()} (process {NOBODY}, since " in done.stdout
    assert (
        "aws:s3/bucket:Bucket alisio-dev-logs, interrupted while creating: goes into the state if"
        " alisio-dev-logs-1234567 exists; else the next `up` creates it"
    ) in done.stdout
    assert "nobody is there to be asked; add --yes" in done.stderr
    assert "cancel" not in " ".join(programs.calls)


def test_it_gives_up_the_lock_of_a_process_that_is_gone(programs: FakePrograms) -> None:
    """With --yes it cancels and asks the provider about what was under way, and about nothing else."""
    lock(programs)
    programs.install(pending=[BUCKET])
    done = run(programs, "recover", "dev", "--yes")
    assert done.returncode == 0, done.stderr
    assert "cancel --yes --stack dev" in " ".join(programs.calls)
    refreshes = [call for call in programs.calls if call.startswith("refresh")]
    assert len(refreshes) == 1
    assert refreshes[0].count("--target") == 1
    assert done.stdout.splitlines()[-1] == "done; now: python -m scripts up dev"


def test_it_leaves_an_update_that_is_at_work_alone(programs: FakePrograms) -> None:
    """While the owner of the lock lives, no flag gives its lock up."""
    lock(programs, pid=os.getpid())
    done = run(programs, "recover", "dev", "--yes", "--owner-is-gone")
    assert done.returncode == 2
    assert f"(process {os.getpid()}, since" in done.stderr
    assert "is at work on this stack" in done.stderr
    assert "cancel" not in " ".join(programs.calls)


def test_of_another_machine_only_a_person_knows(programs: FakePrograms) -> None:
    """The lock of another host is given up only by whoever says that its owner is gone."""
    lock(programs, hostname="laptop-of-ann")
    refused = run(programs, "recover", "dev", "--yes")
    assert refused.returncode == 2
    assert "ann@laptop-of-ann" in refused.stderr
    assert "--owner-is-gone" in refused.stderr
    done = run(programs, "recover", "dev", "--yes", "--owner-is-gone")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", ["up", "destroy", "doctor"])
def test_other_commands_refuse_an_interrupted_stack_and_name_the_way_out(programs: FakePrograms, command: str) -> None:
    """`up` would make what is pending a second time, and `destroy` would leave it behind."""
    programs.install(pending=[BUCKET])
    done = run(programs, command, "dev", *([] if command == "doctor" else ["--yes"]))
    assert done.returncode == 2
    assert "while it created alisio-dev-logs: python -m scripts recover dev" in done.stdout
    assert not any(call.startswith((f"{command} --yes", f"{command} --stack")) for call in programs.calls)


def test_a_locked_stack_is_known_before_anything_is_begun(programs: FakePrograms) -> None:
    """The owner at work is to be waited for; one that died is to be recovered from. A preview harms neither."""
    lock(programs, pid=os.getpid())
    assert "is at work on it; wait" in run(programs, "up", "dev", "--yes").stdout
    lock(programs)
    assert "if that died: python -m scripts recover dev" in run(programs, "doctor", "dev").stdout
    preview = run(programs, "preview", "dev")
    assert preview.returncode == 0
    assert "note  state of dev: locked by ann@" in preview.stdout


@pytest.mark.parametrize(
    "complaint",
    ["another operation (install/upgrade/rollback) is in progress", "cannot re-use a name that is still in use"],
)
def test_an_update_that_helm_refuses_ends_with_the_way_out(programs: FakePrograms, complaint: str) -> None:
    """Helm's own message says nothing of what to do."""
    programs.install(failing="up", complaint=f"error: {complaint}")
    done = run(programs, "up", "dev", "--yes")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "  -> python -m scripts recover dev"


def test_an_unknown_stack_is_refused_as_everywhere(programs: FakePrograms) -> None:
    """A stack without a file is refused with those that have one."""
    done = run(programs, "recover", "staging", "--yes")
    assert done.returncode == 2
    assert "no stack 'staging'" in done.stderr
    programs.remove("pulumi")
    assert "FAIL  pulumi on PATH: not found" in run(programs, "recover", "dev").stdout
