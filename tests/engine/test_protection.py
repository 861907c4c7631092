"""A protected stack loses nothing to `pulumi destroy`, and can still be changed in every way."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.engine.events import Outcome, Step
from tests.engine.stage import Stage

pytestmark = pytest.mark.engine

PROTECTED = "prod"
OUTLIVING = {
    "aws:kms/key:Key",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketObjectv2:BucketObjectv2",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
}
GUARD = "alisio-prod-guard-set-protect-to-false-then-up-then-destroy"


def add_dag(stage: Stage) -> None:
    (stage.project.folder / "dags" / "new.py").write_text("# nothing yet\n", encoding="utf-8")


def rotate_fernet(stage: Stage) -> None:
    stage.project.configure(PROTECTED, {"alisio:airflow.fernetKeys": ["second", "first"]})


def end_fernet_rotation(stage: Stage) -> None:
    stage.project.configure(PROTECTED, {"alisio:airflow.fernetKeys": ["second"]})


def rotate_broker_token(stage: Stage) -> None:
    stage.project.configure(PROTECTED, {"alisio:cache.tokens": ["second", "first"]})


def end_token_rotation(stage: Stage) -> None:
    stage.project.configure(PROTECTED, {"alisio:cache.tokens": ["second"]})


def scale_database(stage: Stage) -> None:
    stage.project.configure(PROTECTED, {"alisio:dataStore.instanceClass": "db.m8g.xlarge"})


def remove_worker_group(stage: Stage) -> None:
    stage.project.configure(PROTECTED, {"alisio:airflow.workerGroups": [{"name": "main", "queue": "default"}]})


def record_no_flows(stage: Stage) -> None:
    stage.project.configure(PROTECTED, {"alisio:network.flowLogs": False, "alisio:network.flowLogDays": None})


def watch_nothing(stage: Stage) -> None:
    stage.project.configure(PROTECTED, {"alisio:buckets.watches": []})


def upgrade_airflow(stage: Stage) -> None:
    stage.project.replace("versions.py", 'AIRFLOW_CHART = "1.22.0"', 'AIRFLOW_CHART = "1.23.0"')


def replace_parameter_group(stage: Stage) -> None:
    stage.project.configure(PROTECTED, {"alisio:cache.engine": "valkey"})


CHANGES: dict[str, tuple[Callable[[Stage], None], set[str]]] = {
    # What people do to a stack in production, and the operations of the engine that it takes.
    "a DAG release": (add_dag, {"create-replacement", "delete-replaced"}),
    "a rotated Fernet key": (rotate_fernet, {"create"}),
    "a Fernet key that nothing needs any more": (end_fernet_rotation, {"delete"}),
    "a rotated token of the broker": (rotate_broker_token, {"create", "update"}),
    "a token that nothing needs any more": (end_token_rotation, {"delete"}),
    "a larger database": (scale_database, {"update"}),
    "a worker group less": (remove_worker_group, {"delete"}),
    "a watched prefix less": (watch_nothing, {"delete"}),
    "no VPC flow logs": (record_no_flows, {"delete"}),
    "a new chart": (upgrade_airflow, {"update"}),
    "another engine of the broker": (replace_parameter_group, {"create"}),
}


@pytest.fixture
def stage(pulumi: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:  # noqa: ARG001
    """The protected stack, deployed."""
    with Stage(tmp_path_factory.mktemp("protected"), stack=PROTECTED) as started:
        started.engine.init(PROTECTED)
        outcome = started.engine.up(PROTECTED)
        assert outcome.code == 0, outcome.output
        yield started


def things(stage: Stage) -> set[str]:
    """Everything in the cloud, by URN."""
    return {thing.urn for thing in stage.world.cloud.things}


def in_cloud(outcome: Outcome) -> list[Step]:
    """Steps of what exists in the cloud.

    A refused destroy takes out of the state what is nothing there, and what nothing depends on: the engine's own
    providers, and components that are empty, such as that of the watched prefixes when there are none.
    """
    return [step for step in outcome.steps if not step.type.startswith(("pulumi:providers:", "alisio:"))]


def test_destroy_of_a_protected_stack_deletes_nothing(stage: Stage) -> None:
    """The engine refuses before its first deletion, in the cloud and in the state; its message says the way out."""
    before = things(stage)
    outcome = stage.engine.destroy(PROTECTED)
    assert outcome.code != 0
    assert stage.world.journal.of("Delete") == []
    assert things(stage) == before
    assert [step.name for step in outcome.failed] == [GUARD]
    again = stage.engine.up(PROTECTED)
    assert again.code == 0, again.output
    assert {step.op for step in in_cloud(again)} == {"same"}


def test_a_protected_stack_can_be_changed_and_let_go_on_purpose(stage: Stage) -> None:
    """DAG releases, rotations, scaling and upgrades work under protection, destroy still refuses after each of them.

    Protection comes off by the setting and one `up`, which replaces nothing; then destroy leaves the data: buckets with
    what guards them, DAG releases, and keys.
    """
    for what, (change, operations) in CHANGES.items():
        change(stage)
        outcome = stage.engine.up(PROTECTED)
        assert outcome.code == 0, f"{what}:\n{outcome.output}"
        assert operations <= outcome.touched.keys(), what
        stage.world.journal.clear()
        assert stage.engine.destroy(PROTECTED).code != 0, what
        assert stage.world.journal.of("Delete") == [], what

    stage.project.configure(PROTECTED, {"alisio:production": False, "alisio:protect": False})
    outcome = stage.engine.up(PROTECTED)
    assert outcome.code == 0, outcome.output
    assert {step.op for step in in_cloud(outcome)} == {"same", "update"}
    outcome = stage.engine.destroy(PROTECTED)
    assert outcome.code == 0, outcome.output
    assert {thing.type for thing in stage.world.cloud.things} == OUTLIVING
    assert stage.engine.resources(PROTECTED) == []


def test_the_fernet_key_in_use_cannot_be_lost(stage: Stage) -> None:
    """A new name in the place of the old one, not before it: the update fails, and both names together make it whole.

    Without its key every stored connection would be unreadable for good.
    """
    key = "alisio-prod-airflow-fernet-first"
    stage.project.configure(PROTECTED, {"alisio:airflow.fernetKeys": ["second"]})
    outcome = stage.engine.up(PROTECTED)
    assert outcome.code != 0
    assert [step.name for step in outcome.failed] == [key]
    rotate_fernet(stage)
    outcome = stage.engine.up(PROTECTED)
    assert outcome.code == 0, outcome.output
    assert [call for call in stage.world.journal.of("Create", "Delete") if call.name == key][1:] == []
