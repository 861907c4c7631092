"""What goes wrong in the cloud or with the engine, and what a second `up` makes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.faults import Fault
from tests.engine.stage import Stage

pytestmark = pytest.mark.engine

ROLE = "aws:iam/role:Role"
DATABASE = "aws:rds/instance:Instance"
QUEUE = "aws:sqs/queue:Queue"


@pytest.fixture
def stage(tmp_path: Path, pulumi: None) -> Iterator[Stage]:  # noqa: ARG001
    with Stage(tmp_path) as found:
        found.engine.init("dev")
        yield found


def test_a_resource_that_fails_is_the_one_that_is_named(stage: Stage) -> None:
    """The error names the resource and says what the cloud said; `up` again goes on and makes nothing twice."""
    stage.world.faults.add(Fault(type=DATABASE, fails="StorageQuotaExceeded: no more storage"))
    failed = stage.engine.up("dev")
    assert failed.code != 0
    assert [step.type for step in failed.failed] == [DATABASE]
    assert any("StorageQuotaExceeded" in message for message in failed.messages("error"))
    again = stage.engine.up("dev")
    assert again.code == 0, again.output
    names = Counter((thing.type, thing.urn) for thing in stage.world.cloud.things)
    assert max(names.values()) == 1


def test_throttling_and_slowness_change_nothing(stage: Stage) -> None:
    """A cloud that says `Rate exceeded` or takes its time gets the same stack."""
    stage.world.faults.add(Fault(type=ROLE, times=3, throttled=4))
    stage.world.faults.add(Fault(type=QUEUE, slow_seconds=1))
    outcome = stage.engine.up("dev")
    assert outcome.code == 0, outcome.output
    assert set(outcome.changes) == {"create"}
    slow = stage.world.journal.of("Create", type_=QUEUE)
    assert max(call.seconds or 0 for call in slow) >= 1


def test_an_update_that_was_killed_keeps_its_lock(stage: Stage) -> None:
    """Kill -9 while the cloud makes the database: the state stays locked and knows what was under way.

    `pulumi cancel` gives up the lock. The cloud had done its part, so the database exists, and nobody knows of it.
    """
    stage.world.faults.add(Fault(type=DATABASE, hangs="after"))
    running = stage.engine.start_up("dev")
    assert stage.world.faults.reached.wait(120)
    running.kill()
    stage.world.faults.lift()

    refused = stage.engine.up("dev")
    assert refused.code != 0
    assert "locked" in refused.output
    stage.engine.cancel("dev")
    pending = stage.engine.export("dev")["deployment"]["pending_operations"]
    assert [each["resource"]["type"] for each in pending if each["type"] == "creating"].count(DATABASE) == 1
    assert len(stage.world.cloud.of_type(DATABASE)) == 1


def test_what_was_changed_by_hand_is_seen_and_healed(stage: Stage) -> None:
    """A resource that somebody deleted, and one that somebody changed: refresh shows both, up brings them back."""
    assert stage.engine.up("dev").code == 0
    cloud = stage.world.cloud
    policy = cloud.of_type("aws:s3/bucketPolicy:BucketPolicy")[0]
    cloud.remove(policy)
    versioning = cloud.of_type("aws:s3/bucketVersioning:BucketVersioning")[0]
    cloud.change(versioning, lambda properties: properties.update(versioningConfiguration={"status": "Suspended"}))

    seen = stage.engine.refresh("dev")
    assert seen.code == 0, seen.output
    assert seen.changes == {"same": seen.changes["same"], "delete": 1, "update": 1}
    healed = stage.engine.up("dev")
    assert healed.code == 0, healed.output
    assert healed.touched == {"create": {policy.name}, "update": {versioning.name}}
    assert versioning.inputs["versioningConfiguration"] == {"status": "Enabled"}


def test_a_wrong_setting_is_one_message_before_anything_is_made(stage: Stage) -> None:
    """Every mistake of the settings is told, and nothing is registered but the stack itself."""
    stage.project.configure("dev", {"alisio:network.zones": ["a"], "alisio:cache.nodeType": "db.t3.micro"})
    outcome = stage.engine.up("dev")
    assert outcome.code != 0
    assert stage.world.journal.of("Create") == []
    assert any("nodeType" in message and "zones" in message for message in outcome.messages("error")), outcome.output


def test_a_wrong_setting_is_told_by_one_message_only(stage: Stage) -> None:
    """The program's own error is the only one: nothing about an exit status or an unhandled error follows it."""
    stage.project.configure("dev", {"alisio:network.zones": ["a"]})
    outcome = stage.engine.up("dev")
    assert len(outcome.messages("error")) == 1, outcome.messages("error")
