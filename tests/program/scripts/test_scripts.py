"""`python -m scripts`, run as people run it, with stand-ins for the CLIs of Pulumi and AWS."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from plan.program import CHECKOUT
from tests.program.scripts.fake_programs import FakePrograms


@pytest.fixture
def programs(tmp_path: Path) -> FakePrograms:
    found = FakePrograms(tmp_path)
    found.install()
    return found


def run(programs: FakePrograms, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts", *arguments],
        cwd=CHECKOUT,
        env={"PATH": programs.path(), "HOME": str(programs.folder), "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_up_examines_then_updates_the_named_stack(programs: FakePrograms) -> None:
    """`up --yes` selects the stack, looks at what would change, and updates it."""
    done = run(programs, "up", "dev", "--yes")
    assert done.returncode == 0, done.stderr
    assert "ok    settings of dev" in done.stdout
    assert "no changes" in done.stdout
    operations = [call.split()[0] for call in programs.calls if call.split()[0] in ("preview", "up")]
    assert operations == ["preview", "up"]
    assert any(call.startswith("up --yes --skip-preview") and "--stack dev" in call for call in programs.calls)


@pytest.mark.parametrize("name", ["acme/dev", "acme/alisio/dev"])
def test_pulumi_gets_the_whole_name_of_an_organizations_stack(programs: FakePrograms, name: str) -> None:
    """The file is that of the last part; the stack that Pulumi updates is the one of the organization."""
    done = run(programs, "up", name, "--yes")
    assert done.returncode == 0, done.stderr
    assert any(
        call.startswith("up --yes --skip-preview") and f"--stack {name} " in f"{call} " for call in programs.calls
    )
    assert not any("--stack dev" in call for call in programs.calls)


def test_preview_changes_nothing(programs: FakePrograms) -> None:
    """`preview` never calls an operation that changes the cloud."""
    done = run(programs, "preview", "prod")
    assert done.returncode == 0, done.stderr
    assert "no changes" in done.stdout
    assert not any(call.split()[0] in ("up", "destroy", "refresh") for call in programs.calls)


@pytest.mark.parametrize("operation", ["up", "destroy"])
def test_what_changes_the_cloud_asks_first(programs: FakePrograms, operation: str) -> None:
    """Without --yes and without anybody to ask, nothing is changed."""
    done = run(programs, operation, "dev")
    assert done.returncode == 2
    assert "nobody is there to be asked; add --yes" in done.stderr
    assert not any(call.split()[0] == operation for call in programs.calls)


@pytest.mark.parametrize("flags", [(), ("--yes",)])
def test_destroy_of_a_protected_stack_says_how_to_do_it_on_purpose(
    programs: FakePrograms, flags: tuple[str, ...]
) -> None:
    """Two lines, before anybody is asked for a name and before Pulumi starts: what was refused, and the way."""
    done = run(programs, "destroy", "prod", *flags)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "prod is protected: nothing was deleted",
        "  -> to delete it on purpose, set alisio:production and alisio:protect to false in Pulumi.prod.yaml, run "
        "`python -m scripts up prod`, then `python -m scripts destroy prod`",
    ]
    assert programs.calls == []


def test_credentials_of_another_account_are_refused_before_pulumi_starts(programs: FakePrograms) -> None:
    """A stack is never touched with the credentials of an account that is not its own."""
    programs.install(account="999999999999")
    done = run(programs, "up", "dev", "--yes")
    assert done.returncode == 2
    assert (
        "FAIL  AWS credentials: they are of account 999999999999; aws:allowedAccountIds of this stack is 111122223333"
        in done.stdout
    )
    assert programs.calls == []


def test_everything_missing_shows_at_once(programs: FakePrograms) -> None:
    """The doctor names every program that is missing, and where it comes from, in one run."""
    programs.remove("pulumi", "aws")
    done = run(programs, "doctor", "dev")
    assert done.returncode == 2
    assert "FAIL  pulumi on PATH: not found; install it from https://www.pulumi.com/docs/install/" in done.stdout
    assert "FAIL  aws on PATH: not found" in done.stdout


def test_missing_credentials_are_named(programs: FakePrograms) -> None:
    """Without credentials the doctor repeats what the AWS CLI says."""
    programs.install(account="")
    done = run(programs, "doctor", "dev")
    assert done.returncode == 2
    assert "Unable to locate credentials" in done.stdout


def test_a_failed_update_ends_with_one_message(programs: FakePrograms) -> None:
    """When Pulumi itself fails, its own words are the last thing on the screen: no traceback."""
    programs.install(failing="up", complaint="error: the bucket is taken")
    done = run(programs, "up", "dev", "--yes")
    assert done.returncode == 1
    assert done.stderr.strip() == "pulumi failed: error: the bucket is taken"


@pytest.mark.parametrize("words", [("preview",), ("up", "--yes"), ("outputs",)])
def test_json_is_one_document(programs: FakePrograms, words: tuple[str, ...]) -> None:
    """Checks, progress and questions are people's matter."""
    done = run(programs, words[0], "dev", *words[1:], "--json")
    assert done.returncode == 0, done.stderr
    assert isinstance(json.loads(done.stdout), dict)


def test_a_refresh_without_drift_writes_nothing(programs: FakePrograms) -> None:
    """It looks, and that is all. Without anybody to ask it does not even look."""
    assert run(programs, "refresh", "dev").returncode == 2
    done = run(programs, "refresh", "dev", "--yes")
    assert done.returncode == 0, done.stderr
    assert "the state says what there is" in done.stdout
    refreshes = [call for call in programs.calls if call.split()[0] == "refresh"]
    assert len(refreshes) == 1
    assert "--preview-only" in refreshes[0]


def test_an_unknown_stack_is_refused_with_the_known_ones(programs: FakePrograms) -> None:
    """A stack without a file is refused before anything is asked, and the files that exist are named."""
    done = run(programs, "up", "staging", "--yes")
    assert done.returncode == 2
    assert "dev" in done.stderr
    assert "prod" in done.stderr
    assert "Traceback" not in done.stderr
    assert programs.calls == []


EKS_LOGS = "/aws/eks/alisio-dev/cluster"


@pytest.mark.parametrize("operation", ["up", "doctor"])
def test_a_log_group_that_came_back_is_seen_before_anything_is_made(programs: FakePrograms, operation: str) -> None:
    """EKS makes it after a destroy; its name and the command that deletes it are one line."""
    programs.install(log_groups=[EKS_LOGS])
    done = run(programs, operation, "dev", *(["--yes"] if operation == "up" else []))
    assert done.returncode == 2
    [line] = [line for line in done.stdout.splitlines() if line.startswith("FAIL")]
    assert line.startswith(f"FAIL  log group of the cluster: {EKS_LOGS} is there")
    assert f"`aws logs delete-log-group --log-group-name {EKS_LOGS} --region eu-west-1`" in line
    assert not any(call.startswith("up") for call in programs.calls)


def test_a_log_group_of_the_stack_is_no_obstacle(programs: FakePrograms) -> None:
    """Nor is one of another stack whose name begins with the same letters."""
    mine = {"type": "aws:cloudwatch/logGroup:LogGroup", "inputs": {"name": EKS_LOGS}}
    programs.install(log_groups=[EKS_LOGS], resources=[mine])
    assert run(programs, "doctor", "dev").returncode == 0
    programs.install(log_groups=[f"{EKS_LOGS}-2"])
    assert run(programs, "doctor", "dev").returncode == 0


def test_a_log_group_that_came_back_does_not_keep_a_stack_from_its_end(programs: FakePrograms) -> None:
    """`destroy` makes nothing, so no name has to be free."""
    programs.install(log_groups=[EKS_LOGS])
    assert run(programs, "destroy", "dev", "--yes").returncode == 0


def test_a_destroy_without_a_sweep_says_how_to_do_it(programs: FakePrograms) -> None:
    """The stack is gone, which is what was asked for. What services left is one command away."""
    done = run(programs, "destroy", "dev", "--yes")
    assert done.returncode == 0
    assert done.stderr.splitlines()[-2:] == [
        "dev is deleted. AWS does not say what is left: Unable to locate credentials",
        "  -> python -m scripts sweep dev",
    ]
