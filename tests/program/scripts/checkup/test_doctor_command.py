"""`python -m scripts doctor`, with AWS by moto and Pulumi by a stand-in."""

from __future__ import annotations

import json

import pytest
from moto import mock_aws

from scripts.__main__ import main
from scripts.boto import clients
from scripts.checkup.checkup import ROWS
from tests.program.scripts.fake_programs import FakePrograms


def test_a_stack_that_is_up_has_a_row_for_each_part(
    stand_ins: FakePrograms, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 1 while something is wrong, 0 when all is well; one JSON document for machines."""
    stand_ins.install(resources=[{"type": "aws:eks/cluster:Cluster", "id": "alisio-dev"}])
    with mock_aws():
        assert main(["doctor", "dev", "--json"]) == 1
        rows = {row["check"]: row["state"] for row in json.loads(capsys.readouterr().out)}
        assert rows["cluster"] == "FAIL"
        assert set(ROWS) <= set(rows)
        clients("eu-west-1")("eks").create_cluster(
            name="alisio-dev", roleArn="arn:aws:iam::123456789012:role/eks", resourcesVpcConfig={"subnetIds": []}
        )
        assert main(["doctor", "dev"]) == 0
    assert "ok    cluster\n" in capsys.readouterr().out


def test_what_the_machine_lacks_comes_first(stand_ins: FakePrograms, capsys: pytest.CaptureFixture[str]) -> None:
    """With the wrong credentials nobody is asked how the stack is."""
    stand_ins.install(account="999999999999", resources=[{"type": "aws:eks/cluster:Cluster", "id": "alisio-dev"}])
    with mock_aws():
        assert main(["doctor", "dev"]) == 2
    assert "  database" not in capsys.readouterr().out
