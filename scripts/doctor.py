"""Checks what a stack needs on this machine before it goes to AWS. All checks run, so all problems show at once."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass

from plan import plan_stack
from plan.program import CHECKOUT
from settings.stack_file import configuration, stack_file


@dataclass(frozen=True)
class Check:
    """The result of one check."""

    what: str
    problem: str | None = None
    """None: the check passed."""
    fatal: bool = True

    def __str__(self) -> str:
        mark = "ok  " if self.problem is None else "FAIL" if self.fatal else "note"
        return f"{mark}  {self.what}" + (f": {self.problem}" if self.problem else "")


def examine(stack: str) -> list[Check]:
    """Run all checks. Refuse a stack whose file is wrong."""
    warnings = plan_stack(stack).warnings
    checks = [
        Check(f"settings of {stack}"),
        *(Check("settings", warning, fatal=False) for warning in warnings),
        _program("pulumi", "https://www.pulumi.com/docs/install/"),
        _program("aws", "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"),
    ]
    if shutil.which("aws"):
        checks.append(_account(stack))
    return checks


def failures(checks: list[Check]) -> list[Check]:
    """The checks that must pass and did not."""
    return [check for check in checks if check.problem and check.fatal]


def _program(name: str, where: str) -> Check:
    return Check(f"{name} on PATH", None if shutil.which(name) else f"not found; install it from {where}")


def _account(stack: str) -> Check:
    """The credentials must belong to the stack's account. Nothing else is asked of AWS before that."""
    what = "AWS credentials"
    wanted = configuration(stack_file(CHECKOUT, stack))["aws:allowedAccountIds"]
    command = ["aws", "sts", "get-caller-identity", "--output", "json"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
        account = json.loads(asked.stdout)["Account"]
    except subprocess.CalledProcessError as error:
        return Check(what, f"`{' '.join(command)}` failed: {error.stderr.strip()}")
    except (subprocess.TimeoutExpired, ValueError, KeyError) as error:
        return Check(what, f"`{' '.join(command)}` gave no answer: {error}")
    if account not in wanted:
        return Check(what, f"they are of account {account}; aws:allowedAccountIds of this stack is {wanted[0]}")
    return Check(f"{what}, of account {account}")
