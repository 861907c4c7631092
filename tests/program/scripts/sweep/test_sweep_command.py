"""`python -m scripts sweep`, with AWS by moto and Pulumi by a stand-in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto import mock_aws

from scripts.__main__ import main
from scripts.boto import clients
from tests.program.scripts.fake_programs import FakePrograms

LEFT = "/aws/eks/alisio-dev/cluster"


def logs() -> Any:
    return clients("eu-west-1")("logs")


@pytest.mark.usefixtures("stand_ins")
def test_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    """Checks and questions are people's matter, and go to standard error."""
    with mock_aws():
        logs().create_log_group(logGroupName=LEFT)
        assert main(["sweep", "dev", "--yes", "--json"]) == 0
        assert logs().describe_log_groups()["logGroups"] == []
    said = json.loads(capsys.readouterr().out)
    assert [each["id"] for each in said["deleted"]] == [LEFT]
    assert (said["kept"], said["failed"]) == ([], [])


@pytest.mark.usefixtures("stand_ins")
def test_a_destroy_ends_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    """What EKS wrote when its log group was gone goes with the stack."""
    with mock_aws():
        logs().create_log_group(logGroupName=LEFT)
        assert main(["destroy", "dev", "--yes"]) == 0
        assert logs().describe_log_groups()["logGroups"] == []
    assert "1 deleted" in capsys.readouterr().out


def test_what_the_state_holds_stays(stand_ins: FakePrograms) -> None:
    """The stack is up: its cluster's log group is no remainder."""
    held = [
        {"type": "aws:eks/cluster:Cluster", "id": "alisio-dev"},
        {"type": "aws:cloudwatch/logGroup:LogGroup", "id": LEFT, "inputs": {"name": LEFT}},
    ]
    stand_ins.install(resources=held)
    with mock_aws():
        logs().create_log_group(logGroupName=LEFT)
        assert main(["sweep", "dev", "--yes"]) == 0
        assert len(logs().describe_log_groups()["logGroups"]) == 1


def test_credentials_of_another_account_are_refused(stand_ins: FakePrograms) -> None:
    """Before anything is looked for."""
    stand_ins.install(account="999999999999")
    with mock_aws():
        logs().create_log_group(logGroupName=LEFT)
        assert main(["sweep", "dev", "--yes"]) == 2
        assert len(logs().describe_log_groups()["logGroups"]) == 1
