"""Checks what a stack needs on this machine before it goes to AWS. All checks run, so all problems show at once."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from plan import plan_stack
from plan.program import CHECKOUT
from scripts.aws import NoAnswerError, ask
from scripts.late_logs import late_log_group
from scripts.recover.check import interruption
from scripts.recover.pulumi import Pulumi
from settings.stack_file import configuration, stack_file


@dataclass(frozen=True)
class Check:
    """The result of one check."""

    what: str
    problem: str | None = None
    """None: the check passed."""
    fatal: bool = True

    @property
    def state(self) -> str:
        """`ok`, `FAIL`, or `note` of what does not keep anybody from going on."""
        return "ok" if self.problem is None else "FAIL" if self.fatal else "note"

    def __str__(self) -> str:
        return f"{self.state:<4}  {self.what}" + (f": {self.problem}" if self.problem else "")


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


def state_of(stack: str, *, fatal: bool = True) -> Check:
    """Whether an update was interrupted, or is under way."""
    return Check(f"state of {stack}", interruption(Pulumi(stack=stack, folder=CHECKOUT)), fatal=fatal)


def name_is_free(stack: str, *, fatal: bool = True) -> Check:
    """Whether the next `up` can make the log group of the cluster, or has it."""
    region = configuration(stack_file(CHECKOUT, stack))["aws:region"]
    problem = late_log_group(Pulumi(stack=stack, folder=CHECKOUT), region=region)
    return Check("log group of the cluster", problem, fatal=fatal)


def failures(checks: list[Check]) -> list[Check]:
    """The checks that must pass and did not."""
    return [check for check in checks if check.problem and check.fatal]


def _program(name: str, where: str) -> Check:
    return Check(f"{name} on PATH", None if shutil.which(name) else f"not found; install it from {where}")


def _account(stack: str) -> Check:
    """The credentials must belong to the stack's account. Nothing else is asked of AWS before that."""
    what = "AWS credentials"
    wanted = configuration(stack_file(CHECKOUT, stack))["aws:allowedAccountIds"]
    try:
        account = ask("sts", "get-caller-identity")["Account"]
    except NoAnswerError as error:
        return Check(what, str(error))
    if account not in wanted:
        return Check(what, f"they are of account {account}; aws:allowedAccountIds of this stack is {wanted[0]}")
    return Check(f"{what}, of account {account}")
