"""A command that cannot work says so in one line."""

from __future__ import annotations

import pytest

from tests.airflow.scripts.desk import Desk


@pytest.mark.parametrize("operation", ["publish", "rollback"])
def test_the_two_ways_of_publishing_do_not_fight(desk: Desk, operation: str) -> None:
    """Where `pulumi up` owns the pointer the command refuses before it asks S3 anything, and shows the setting."""
    status, _, err = desk.run(operation, stack="theirs")
    assert (status, desk.emulator.requests) == (2, [])
    assert "Pulumi.theirs.yaml" in err
    assert "dags: { publisher: command }" in err
    assert desk.run("list", stack="theirs")[0] == 0, "reading is everybody's"


@pytest.mark.parametrize(
    ("name", "says"), [("slip", "'comand'; allowed are pulumi and command"), ("none", "stacks: own, slip, theirs")]
)
def test_a_wrong_stack_is_told_as_one(desk: Desk, name: str, says: str) -> None:
    """A stack that does not exist, or whose setting has a slip, is refused with what is allowed."""
    status, _, err = desk.run("publish", stack=name)
    assert status == 2
    assert says in err


def test_a_bucket_that_is_not_there_is_an_error_in_one_line(desk: Desk) -> None:
    """What S3 refuses is shown as one line that names the bucket."""
    desk.bucket += "-missing"
    status, _, err = desk.publish(b"one")
    assert status == 1
    assert len(err.splitlines()) == 1
    assert desk.bucket in err
