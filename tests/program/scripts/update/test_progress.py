"""What an update does is told as it happens, and at its end by what took longest and what failed first."""

from __future__ import annotations

import pytest

from scripts.update.failure import Failure
from scripts.update.progress import SLOWEST, Progress
from tests.program.scripts.update.telling import DATABASE, TOPIC, error, step, summary, urn


def test_each_end_is_a_line_with_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    """By our own clock. What began and did not end is waited for, the longest first."""
    now = [0.0]
    progress = Progress(clock=lambda: now[0])
    progress(step("create", DATABASE, "store"))
    now[0] = 2.0
    progress(step("create", TOPIC, "topic"))
    progress(step("same", TOPIC, "other"))
    now[0] = 3.5
    assert progress.waiting().plain.splitlines() == [
        "      4 s  waits for  create  aws:rds:Instance  store",
        "      2 s  waits for  create  aws:sns:Topic  topic",
    ]
    progress(step("create", TOPIC, "topic", event="resOutputsEvent"))
    progress(step("create", DATABASE, "store", event="resOpFailedEvent"))
    assert capsys.readouterr().err.splitlines() == [
        "    1.5 s  ok      create  aws:sns:Topic  topic",
        "    3.5 s  FAILED  create  aws:rds:Instance  store",
    ]
    assert progress.waiting().plain == ""
    assert list(progress.summary()) == ["2 steps, 1 of them failed"]


def test_an_end_without_a_beginning_is_passed_over() -> None:
    """Pulumi does not promise pairs: https://github.com/pulumi/pulumi/issues/7773."""
    progress = Progress()
    progress(step("create", TOPIC, "topic", event="resOutputsEvent"))
    assert progress.done == []


def test_the_slowest_are_told_at_the_end() -> None:
    now = [0.0]
    progress = Progress(clock=lambda: now[0])
    for number in range(SLOWEST + 2):
        progress(step("create", TOPIC, f"topic-{number}"))
        now[0] += number
        progress(step("create", TOPIC, f"topic-{number}", event="resOutputsEvent"))
    first, second, *slowest = progress.summary()
    assert (first, second) == (f"{SLOWEST + 2} steps", "the slowest:")
    assert [line.split()[-1] for line in slowest] == [f"topic-{number}" for number in range(SLOWEST + 1, 1, -1)]


def test_the_first_failure_speaks_first_whatever_was_said_before() -> None:
    """A follower's complaint may come earlier than the words of what failed. Colours of the engine's are left out."""
    failure = Failure("dev")
    for event in (
        error("update failed"),
        step("create", DATABASE, "store", event="resOpFailedEvent"),
        error("<{%reset%}>InsufficientDBInstanceCapacity: none left<{%reset%}>", urn(DATABASE, "store")),
        step("create", TOPIC, "topic", event="resOpFailedEvent"),
        summary(create=0),
    ):
        failure(event)
    assert failure.text().splitlines() == [
        "aws:rds:Instance store failed:",
        "InsufficientDBInstanceCapacity: none left",
        "1 more failed:",
        "aws:sns:Topic topic: it did not say why",
    ]
    assert failure.advice().startswith("AWS has none of this size there now")


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("another operation (install/upgrade/rollback) is in progress", "python -m scripts recover dev"),
        (
            "api error ExpiredToken: The security token is expired",
            "your credentials have ended",
        ),
        ("api error AccessDenied: not authorized", "your role may not do this"),
        ("VcpuLimitExceeded", "a quota of the account"),
        ("spec.template: field is immutable", "two updates within a minute"),
        ("RequestLimitExceeded: Rate exceeded", ""),
        ("x509: certificate has expired", ""),
        ("something new", ""),
    ],
)
def test_known_faults_have_a_way_out(said: str, advice: str) -> None:
    assert Failure("dev").advice(said).startswith(advice)
    assert bool(Failure("dev").advice(said)) is bool(advice)
