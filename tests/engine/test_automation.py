"""The Automation API: our scripts, which use it with the program in its folder, and a program of somebody's own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi.runtime.proto import language_pb2_grpc

from tests.engine.faults import Fault
from tests.engine.language_host import LanguageHost
from tests.engine.programs import CHECKOUT
from tests.engine.serving import Served
from tests.engine.stage import Stage
from tests.program.scripts.fake_programs import FakePrograms

pytestmark = pytest.mark.engine

DATABASE = "aws:rds/instance:Instance"
QUEUE = "aws:sqs/queue:Queue"
DOOR = {"domain": "airflow.corp.net", "publicZoneId": "Z0123456789", "deletionProtection": False}


@pytest.fixture
def stage(tmp_path: Path, pulumi: None) -> Iterator[Stage]:  # noqa: ARG001
    with Stage(tmp_path / "stage") as found:
        yield found


def script(stage: Stage, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`python -m scripts ...` in the stage's project, with a language host as long as it runs."""
    for name in ("plan", "scripts"):
        stage.project.own(name)
    folder.mkdir(exist_ok=True)
    aws = FakePrograms(folder)
    aws.install()
    aws.remove("pulumi")
    host = Served(LanguageHost(), language_pb2_grpc.add_LanguageRuntimeServicer_to_server)
    environment = stage.engine.environment
    try:
        return subprocess.run(
            [sys.executable, "-m", "scripts", *words],
            cwd=stage.project.folder,
            env={
                **environment,
                "PATH": aws.path([environment["PATH"]]),
                "PYTHONPATH": str(stage.project.folder),
                "PULUMI_DEBUG_LANGUAGES": f"python:{host.port}",
            },
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
    finally:
        host.stop()


def test_the_scripts_lead_a_stack_through_its_life(stage: Stage, tmp_path: Path) -> None:
    """Preview makes nothing, up makes everything, up again nothing more, destroy leaves nothing."""
    cloud = stage.world.cloud
    done = script(stage, tmp_path / "aws", "preview", "dev")
    assert done.returncode == 0, done.stderr
    assert cloud.things == []
    for _ in range(2):
        done = script(stage, tmp_path / "aws", "up", "dev", "--yes")
        assert done.returncode == 0, done.stderr
    made = {thing.urn for thing in cloud.things}
    assert len(made) > 100
    assert len(stage.world.journal.of("Create")) == len(made) == len(cloud.things)
    assert "unchanged" in done.stdout
    done = script(stage, tmp_path / "aws", "destroy", "dev", "--yes")
    assert done.returncode == 0, done.stderr
    assert cloud.things == []


def test_the_scripts_refuse_to_destroy_a_protected_stack(stage: Stage, tmp_path: Path) -> None:
    """A stack that was deployed with `protect: true` loses nothing, and the refusal has two lines."""
    stage.project.configure("dev", {"alisio:protect": True})
    assert script(stage, tmp_path / "aws", "up", "dev", "--yes").returncode == 0
    before = {thing.urn for thing in stage.world.cloud.things}
    assert len(before) > 100
    done = script(stage, tmp_path / "aws", "destroy", "dev", "--yes")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 2, done.stderr
    assert stage.world.journal.of("Delete") == []
    assert {thing.urn for thing in stage.world.cloud.things} == before


def test_the_first_error_speaks_first_and_up_goes_on(stage: Stage, tmp_path: Path) -> None:
    """In the cloud's own words, with what helps. What was made stays, and is not made twice."""
    stage.world.faults.add(Fault(type=DATABASE, fails="InsufficientDBInstanceCapacity: none is left here"))
    failed = script(stage, tmp_path / "aws", "up", "dev", "--yes")
    assert failed.returncode == 1
    said = [line for line in failed.stderr.splitlines() if not line.lstrip()[:1].isdigit()]
    assert said[0] == "aws:rds:Instance alisio-dev-data-store-instance failed:"
    assert "InsufficientDBInstanceCapacity: none is left here" in said[1]
    assert said[-1].startswith("  -> AWS has none of this size there now")
    assert any("FAILED  create  aws:rds:Instance" in line for line in failed.stderr.splitlines())
    again = script(stage, tmp_path / "aws", "up", "dev", "--yes", "--json")
    assert again.returncode == 0, again.stderr
    told = json.loads(again.stdout)
    assert {step["failed"] for step in told["steps"]} == {False}
    assert told["outputs"]["clusterName"] == "alisio-dev"
    names = Counter((thing.type, thing.urn) for thing in stage.world.cloud.things)
    assert max(names.values()) == 1


def test_a_refresh_shows_what_differs_and_writes_it(stage: Stage, tmp_path: Path) -> None:
    """Somebody deleted a queue by hand: the refresh names it, and the next preview would make it again."""
    assert script(stage, tmp_path / "aws", "up", "dev", "--yes").returncode == 0
    done = script(stage, tmp_path / "aws", "refresh", "dev", "--yes")
    assert "the state says what there is" in done.stdout
    lost, *_ = stage.world.cloud.of_type(QUEUE)
    stage.world.cloud.remove(lost)
    done = script(stage, tmp_path / "aws", "refresh", "dev", "--yes")
    assert done.returncode == 0, done.stderr
    assert f"    aws:sqs:Queue  {lost.name}  is gone" in done.stdout
    seen = script(stage, tmp_path / "aws", "preview", "dev", "--json")
    made = [step["name"] for step in json.loads(seen.stdout)["steps"] if step["operation"] == "create"]
    assert lost.name in made


def test_yes_alone_loses_no_store(stage: Stage, tmp_path: Path) -> None:
    """A preview names the property that forces a replacement. `up --yes` that would delete a bucket with what is in it
    is refused before anything is touched; on purpose, it goes.
    """
    stage.project.configure("dev", {"alisio:ingress": DOOR})
    assert script(stage, tmp_path / "aws", "up", "dev", "--yes").returncode == 0
    before = {thing.urn: thing.id for thing in stage.world.cloud.things}

    stage.project.configure("dev", {"alisio:network": {"zones": ["a", "b"], "cidr": "10.99.0.0/16"}})
    seen = script(stage, tmp_path / "aws", "preview", "dev", "--json")
    assert seen.returncode == 0, seen.stderr
    forced = {step["type"]: step for step in json.loads(seen.stdout)["steps"] if step["operation"] == "replace"}
    assert forced["aws:ec2/vpc:Vpc"]["properties"] == ["cidrBlock"]
    stage.project.configure("dev", {"alisio:network": {"zones": ["a", "b"], "flowLogDays": 7}, "alisio:ingress": None})

    refused = script(stage, tmp_path / "aws", "up", "dev", "--yes")
    assert refused.returncode == 2
    assert "--yes does not cover the loss of what holds state: alisio-dev-access-logs" in refused.stderr
    assert {thing.urn: thing.id for thing in stage.world.cloud.things} == before
    assert script(stage, tmp_path / "aws", "up", "dev", "--yes", "--with-loss").returncode == 0
    assert not any(thing.name == "alisio-dev-access-logs" for thing in stage.world.cloud.things)


def test_two_stacks_at_once_in_one_process(stage: Stage) -> None:
    """An inline program that uses our components directly, for two stacks in two threads: none takes the other's."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.engine.inline", str(stage.project.folder), "dev", "prod"],
        cwd=CHECKOUT, env=stage.engine.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["stack"] for each in found] == ["dev", "prod"]
    for each in found:
        assert each["secret"] is True
        first, second = each["changes"]
        assert set(first) == {"create"}
        assert second == {"same": first["create"]}
    things = stage.world.cloud.things
    for name in ("dev", "prod"):
        mine = [thing for thing in things if thing.urn.startswith(f"urn:pulumi:{name}::")]
        assert len(mine) > 20
        assert all(thing.name.startswith(f"alisio-{name}-") for thing in mine)
