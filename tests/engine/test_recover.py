"""An update that was interrupted can be repeated: kill -9 at every step of an up, an upgrade and a destroy.

By default at one resource of each type; at all of them, before and after, with ALISIO_ENGINE_ALL=1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from scripts.recover.attributes import damaged_attributes
from scripts.recover.pulumi import Pulumi
from tests.engine.kills import ALL, Steps, kills_at, next_of
from tests.engine.raw import clear
from tests.engine.recovering import Kill, NamingDouble, interrupt, mend
from tests.engine.shapes import secrets_of, shape
from tests.engine.stage import Stage

pytestmark = pytest.mark.engine

WIDE: Final = ("--parallel", "200")
"""A step that is held up takes no other's place."""
STACKS: Final = ("dev", "prod") if ALL else ("dev",)


def begin(stage: Stage, stack: str) -> None:
    """`dev` gets a load balancer here, so that its parts are interrupted too."""
    if stack == "dev":
        stage.project.configure(stack, {"alisio:ingress": {"domain": "airflow.corp.net", "publicZoneId": "Z1"}})
    stage.engine.init(stack)


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def stage(tmp_path: Path, stack: str, pulumi: None) -> Iterator[Stage]:  # noqa: ARG001
    with Stage(tmp_path, stack=stack, double=NamingDouble) as found:
        begin(found, stack)
        yield found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, pulumi: None) -> dict[str, dict[str, Any]]:  # noqa: ARG001
    """What each stack is like when nothing goes wrong, by URN."""
    found: dict[str, dict[str, Any]] = {}
    for name in STACKS:
        with Stage(tmp_path_factory.mktemp(name), stack=name, double=NamingDouble, checkpoints=False) as stage:
            begin(stage, name)
            assert stage.engine.up(name).code == 0
            found[name] = shape(stage, name)
    return found


def kill_at_each(stage: Stage, stack: str, kills: list[Kill], *, destroys: bool = False) -> None:
    """Run the operation until it succeeds, killed at each of these in turn and mended after each."""
    left = list(kills)
    start = stage.engine.start_destroy if destroys else stage.engine.start_up
    while (reached := interrupt(stage, lambda: start(stack, *WIDE), next_of(left))) is not None:
        assert reached
        left = [kill for kill in left if kill not in reached]
        used = secrets_of(stage, stack) if not damaged_attributes(f"file://{stage.engine.backend}", stack) else {}
        mend(stage, stack)
        assert not stage.engine.export(stack)["deployment"].get("pending_operations")
        now = secrets_of(stage, stack)
        assert {urn: now.get(urn) for urn in used} == used or destroys
    assert left == []


def assert_whole(stage: Stage, stack: str, wanted: dict[str, Any]) -> None:
    """The stack is as if nothing had happened, and nothing exists that it does not know."""
    assert shape(stage, stack) == wanted
    preview = stage.engine.preview(stack)
    assert set(preview.changes) == {"same"}, preview.output
    refresh = stage.engine.refresh(stack)
    assert set(refresh.changes) == {"same"}, refresh.output
    resources = stage.engine.resources(stack)
    # What outlives a destroy is written over afterwards: in S3 an object of the same key is the same object.
    retained = {each["urn"] for each in resources if each.get("retainOnDelete")}
    things = (each for each in stage.world.cloud.things if not each.type.startswith("random:"))
    there = Counter((each.type, each.urn) for each in things if each.urn not in retained)
    assert [each for each, number in there.items() if number > 1] == []
    assert {urn for _, urn in there} <= wanted.keys()


def steps_of(stage: Stage, *methods: str) -> Steps:
    """What an operation asked of the doubles, in the order in which it did."""
    return list(dict.fromkeys((call.method, call.type, call.name) for call in stage.world.journal.of(*methods)))


def test_an_up_that_is_killed_at_every_step(
    stage: Stage, stack: str, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    """Killed again and again, before and after the cloud made something, `up` ends with the same stack.

    Nothing is made twice, and no secret that the state held is another afterwards.
    """
    with Stage(tmp_path / "other", stack=stack, double=NamingDouble) as other:
        begin(other, stack)
        assert other.engine.up(stack).code == 0
        kills = kills_at(steps_of(other, "Create"))
    assert len(kills) >= 20
    kill_at_each(stage, stack, kills)
    assert_whole(stage, stack, undisturbed[stack])


LET_GO: Final = {
    "alisio:production": False,
    "alisio:protect": False,
    "alisio:buckets.forceDestroy": True,
    "alisio:dataStore.skipFinalSnapshot": True,
}
CHANGES: Final = {
    "alisio:dataStore.instanceClass": "db.t4g.large",
    "alisio:airflow.fernetKeys": ["second", "first"],
    "alisio:airflow.scheduler": {"replicas": 2, "cpu": "1", "memory": "2Gi"},
    "alisio:cluster.logDays": 400,
    "alisio:airflow.workerGroups": [{"name": "other", "concurrency": 2, "minWorkers": 0, "maxWorkers": 2}],
}


def change(stage: Stage, stack: str) -> None:
    """Updates, creations, deletions: another worker group, with its roles, takes the old one's place."""
    stage.project.configure(stack, CHANGES)
    (stage.project.folder / "dags" / "new.py").write_text("# nothing yet\n", encoding="utf-8")


def test_an_upgrade_that_is_killed_at_every_step(stage: Stage, stack: str, tmp_path: Path) -> None:
    """Updates and replacements are repeated; afterwards the stack is that of an upgrade that nobody disturbed."""
    with Stage(tmp_path / "other", stack=stack, double=NamingDouble) as other:
        begin(other, stack)
        assert other.engine.up(stack).code == 0
        other.world.journal.clear()
        change(other, stack)
        assert other.engine.up(stack).code == 0
        steps = steps_of(other, "Create", "Update", "Delete")
        wanted = shape(other, stack)
    assert {method for method, _, _ in steps} == {"Create", "Update", "Delete"}
    assert stage.engine.up(stack).code == 0
    change(stage, stack)
    kill_at_each(stage, stack, kills_at(steps))
    assert_whole(stage, stack, wanted)


def test_a_destroy_that_is_killed_at_every_step(stage: Stage, stack: str) -> None:
    """It is repeated until nothing is left; a resource that was gone already is no obstacle."""
    if stack == "prod":
        stage.project.configure(stack, LET_GO)
    assert stage.engine.up(stack).code == 0
    # What is retained goes with its bucket, and what is random is nowhere.
    retained = {each["urn"] for each in stage.engine.resources(stack) if each.get("retainOnDelete")}
    things = [
        thing
        for thing in reversed(stage.world.cloud.things)
        if not thing.type.startswith("random:") and thing.urn not in retained
    ]
    kills = kills_at([("Delete", thing.type, thing.name) for thing in things])
    assert len(kills) >= 20
    kill_at_each(stage, stack, kills, destroys=True)
    assert stage.world.cloud.things == []
    assert stage.engine.resources(stack) == []


@pytest.mark.parametrize("stack", ["dev"], indirect=True)
def test_after_a_killed_destroy_the_stack_can_be_had_again(
    stage: Stage, stack: str, undisturbed: dict[str, Any]
) -> None:
    """Whoever thinks better of it runs `up`: what was deleted is made anew, what was not stays as it was.

    A protected stack is not destroyed.
    """
    assert stage.engine.up(stack).code == 0
    thing = stage.world.cloud.of_type("aws:rds/instance:Instance")[0]
    kill = Kill(method="Delete", type=thing.type, name=thing.name, when="after")
    assert interrupt(stage, lambda: stage.engine.start_destroy(stack), [kill]) == {kill}
    mend(stage, stack)
    outcome = stage.engine.up(stack)
    assert outcome.code == 0, outcome.output
    assert_whole(stage, stack, undisturbed[stack])


def test_without_recover_pulumi_would_make_it_twice_or_fail(stage: Stage, stack: str) -> None:
    """What `recover` is for: after `pulumi cancel` alone, `up` makes a second VPC, and nobody knows of the first."""
    vpc = "aws:ec2/vpc:Vpc"
    kill = Kill(method="Create", type=vpc, name=f"alisio-{stack}-network-vpc", when="after")
    assert interrupt(stage, lambda: stage.engine.start_up(stack), [kill])
    stage.engine.cancel(stack)
    stage.engine.up(stack)
    vpcs = stage.world.cloud.of_type(vpc)
    assert len(vpcs) == 2
    assert len({str(clear(each.inputs)) for each in vpcs}) == 1


def test_a_state_whose_attributes_were_half_written_can_be_read_again(stage: Stage, stack: str) -> None:
    """A kill in the wrong millisecond: no command of Pulumi can read the state, until `recover` has been there."""
    assert stage.engine.up(stack).code == 0
    attributes = stage.engine.backend / ".pulumi" / "stacks" / "alisio" / f"{stack}.json.attrs"
    attributes.write_bytes(b"")
    assert "EOF" in stage.engine.preview(stack).output
    mend(stage, stack)
    assert set(stage.engine.preview(stack).changes) == {"same"}


def test_a_recovery_that_is_interrupted_itself_can_be_repeated(
    stage: Stage, stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its first change of the state and its last: the second one finds what the first has begun."""
    vpc = "aws:ec2/vpc:Vpc"
    kill = Kill(method="Create", type=vpc, name=f"alisio-{stack}-network-vpc", when="after")
    assert interrupt(stage, lambda: stage.engine.start_up(stack), [kill])
    with monkeypatch.context() as patched:
        patched.setattr(Pulumi, "refresh", interrupted)
        with pytest.raises(KeyboardInterrupt):
            mend(stage, stack)
    mend(stage, stack)
    assert stage.engine.up(stack).code == 0
    assert len(stage.world.cloud.of_type(vpc)) == 1
    assert set(stage.engine.preview(stack).changes) == {"same"}


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt
