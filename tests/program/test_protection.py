"""What holds state cannot be deleted by mistake: neither by Pulumi, nor past it in AWS."""

from __future__ import annotations

from typing import Any

from plan import Deployment, plan_stack
from tests.program.conftest import planned
from tests.program.facts import DOOR, origins

CLOUD_SIDE: dict[str, dict[str, Any]] = {
    "aws:kms/key:Key": {"deletionWindowInDays": 30},
    "aws:lb/loadBalancer:LoadBalancer": {"enableDeletionProtection": True},
    "aws:rds/instance:Instance": {
        "deletionProtection": True,
        "skipFinalSnapshot": False,
        "deleteAutomatedBackups": False,
    },
    "aws:s3/bucket:Bucket": {"forceDestroy": False},
    "eks:index:Cluster": {"deletionProtection": True},
    # Live in Pulumi's state only: there is no cloud that could protect them too.
    "random:index/randomBytes:RandomBytes": {},
    "random:index/randomId:RandomId": {},
    "random:index/randomPassword:RandomPassword": {},
    "random:index/randomUuid:RandomUuid": {},
}
WITHOUT_STATE = {
    # Keys of what goes with a setting: queues that tell of objects, VPC flow logs, logs of pods and nodes, notices.
    "alisio-prod-events",
    "alisio-prod-network-flow-logs",
    "alisio-prod-telemetry",
    "alisio-prod-monitoring",
    # Of the load balancer, which a setting opens and closes: the logs outlive both, the key of the firewall's does not.
    "alisio-prod-access-logs",
    "alisio-prod-firewall",
}
UNPROTECTED: dict[str, dict[str, Any]] = {
    "aws:kms/key:Key": {"deletionWindowInDays": 7},
    "aws:rds/instance:Instance": {
        "deletionProtection": False,
        "skipFinalSnapshot": True,
        "deleteAutomatedBackups": True,
    },
    "aws:s3/bucket:Bucket": {"forceDestroy": True},
    "eks:index:Cluster": {"deletionProtection": False},
}
GUARDS_OF_BUCKETS = ("Bucket", "BucketOwnershipControls", "BucketPolicy", "BucketPublicAccessBlock", "BucketVersioning")
PROTECTED = {
    ("aws:kms/key:Key", "alisio-prod"),
    ("aws:kms/key:Key", "alisio-prod-cache"),
    ("aws:kms/key:Key", "alisio-prod-dags"),
    ("aws:kms/key:Key", "alisio-prod-data"),
    ("aws:kms/key:Key", "alisio-prod-data-store"),
    ("aws:kms/key:Key", "alisio-prod-logs"),
    # No state; but people and other systems know its address, and another one has another.
    ("aws:lb/loadBalancer:LoadBalancer", "alisio-prod"),
    ("aws:rds/instance:Instance", "alisio-prod-data-store-instance"),
    ("aws:s3/bucket:Bucket", "alisio-prod-dags"),
    ("aws:s3/bucket:Bucket", "alisio-prod-data"),
    ("aws:s3/bucket:Bucket", "alisio-prod-logs"),
    ("eks:index:Cluster", "alisio-prod"),
    ("random:index/randomBytes:RandomBytes", "alisio-prod-airflow-fernet-first"),
    ("random:index/randomId:RandomId", "alisio-prod-data-store-suffix"),
    ("random:index/randomPassword:RandomPassword", "alisio-prod-airflow-admin"),
    ("random:index/randomPassword:RandomPassword", "alisio-prod-airflow-api-secret-key"),
    ("random:index/randomPassword:RandomPassword", "alisio-prod-airflow-flower"),
    ("random:index/randomPassword:RandomPassword", "alisio-prod-airflow-jwt-secret"),
    ("random:index/randomPassword:RandomPassword", "alisio-prod-cache-token-first"),
    ("random:index/randomPassword:RandomPassword", "alisio-prod-data-store-password"),
    ("random:index/randomUuid:RandomUuid", "alisio-prod-guard-set-protect-to-false-then-up-then-destroy"),
}


def protected(deployment: Deployment) -> set[tuple[str, str]]:
    return {(each.type, each.name) for each in deployment.resources if each.protect}


def test_prod_protects_exactly_what_holds_state(prod: Deployment) -> None:
    """Pulumi refuses to delete these, and nothing else: more would get into the way of every change."""
    assert protected(prod) == PROTECTED
    assert protected(planned("prod", preview=True)) == PROTECTED


def test_what_pulumi_protects_the_cloud_protects_too(prod: Deployment) -> None:
    """Each protected resource refuses deletion, or can be brought back, also when somebody goes past Pulumi."""
    for token, name in protected(prod):
        inputs = prod.one(token, name).plain_inputs
        assert {key: inputs.get(key) for key in CLOUD_SIDE[token]} == CLOUD_SIDE[token], name


def test_every_resource_that_holds_state_is_protected(prod: Deployment) -> None:
    """A new bucket, key, database or generated secret cannot be forgotten in the list above."""
    for resource in prod.resources:
        if resource.type in CLOUD_SIDE and resource.name not in WITHOUT_STATE:
            assert resource.protect, resource.urn


def test_the_guard_depends_on_everything(any_run: Deployment) -> None:
    """Pulumi deletes what depends on others first: the guard is the first of all, and refuses where it is protected."""
    guard = any_run.one("random:index/randomUuid:RandomUuid")
    needed = {*any_run.upstream(guard), guard.urn, guard.parent, any_run.stack_urn}
    there = [each for each in any_run.resources if each.custom or any_run.children(each.urn)]
    assert [each.urn for each in there if each.urn not in needed] == []


def test_an_unprotected_stack_goes_away_completely(dev: Deployment) -> None:
    """Dev says that nothing outlives it, so `pulumi destroy` comes to its end: no full bucket, no snapshot."""
    assert protected(dev) == set()
    for token, wanted in UNPROTECTED.items():
        assert dev.of_type(token), token
        for resource in dev.of_type(token):
            assert {key: resource.plain_inputs.get(key) for key in wanted} == wanted, resource.urn


def test_taking_protection_off_loses_no_data() -> None:
    """The way that the README names, `protect: false`, `up` and destroy, leaves the data and the keys to read it.

    A database goes with its last snapshot and its backups kept. Buckets stay, and stay private.
    """
    let_go = plan_stack("prod", config_overrides={"production": False, "protect": False})
    assert protected(let_go) == set()
    database = let_go.one("aws:rds/instance:Instance").plain_inputs
    assert (database["skipFinalSnapshot"], database["deleteAutomatedBackups"]) == (False, False)
    kept = {(each.type, each.name) for each in let_go.resources if each.retain_on_delete}
    keys = {name for token, name in kept if token == "aws:kms/key:Key"}
    assert keys == {f"alisio-prod-{store}" for store in ("data-store", "dags", "logs", "data")}
    for bucket in let_go.of_type("aws:s3/bucket:Bucket"):
        assert bucket.plain_inputs["forceDestroy"] is False
        guards = {token for token, name in kept if name == bucket.name}
        assert {f"aws:s3/{guard[0].lower()}{guard[1:]}:{guard}" for guard in GUARDS_OF_BUCKETS} <= guards


def test_what_outlives_is_encrypted_with_a_key_that_outlives() -> None:
    """A snapshot whose key is deleted cannot be restored: the key of each store that leaves data behind stays."""
    for settings, gone in (
        ({"dataStore": {"skipFinalSnapshot": True}}, {"alisio-prod-data-store"}),
        ({"buckets": {"forceDestroy": True}}, {f"alisio-prod-{each}" for each in ("dags", "logs", "data")}),
    ):
        plan = plan_stack("prod", config_overrides={"production": False, "protect": False, **settings})
        keys = {each.name for each in plan.of_type("aws:kms/key:Key") if each.retain_on_delete}
        assert keys == {f"alisio-prod-{store}" for store in ("data-store", "dags", "logs", "data")} - gone


def test_protection_is_one_setting() -> None:
    """`protect: true` alone turns dev's protection on, to the same resources as prod's."""
    found = protected(plan_stack("dev", config_overrides={"protect": True, "ingress": DOOR}))
    assert {(token, name.replace("alisio-dev", "alisio-prod")) for token, name in found} == PROTECTED


def test_a_load_balancer_can_be_let_go_alone() -> None:
    """Before a change that needs another one, a setting takes its protection off in Pulumi and in AWS, and no other."""
    let_go = plan_stack("prod", config_overrides={"ingress": {**DOOR, "deletionProtection": False}})
    balancer = ("aws:lb/loadBalancer:LoadBalancer", "alisio-prod")
    assert protected(let_go) == PROTECTED - {balancer}
    assert let_go.one(*balancer).plain_inputs["enableDeletionProtection"] is False


def test_the_final_snapshot_never_collides(prod: Deployment) -> None:
    """Its name ends in the instance's own suffix: a database made anew leaves a snapshot of another name."""
    database = prod.one("aws:rds/instance:Instance").plain_inputs
    suffix = prod.one("random:index/randomId:RandomId").outputs["hex"]
    assert database["finalSnapshotIdentifier"] == f"alisio-prod-data-store-{suffix}-final"
    assert database["identifier"] == f"alisio-prod-data-store-{suffix}"


def test_what_replaces_the_database_renames_it(prod: Deployment) -> None:
    """RDS refuses a second final snapshot of one name. So the suffix changes with the key and with the subnets."""
    suffix = prod.one("random:index/randomId:RandomId")
    assert origins(suffix, "keepers") == {"alisio-prod-data-store", "alisio-prod-data-store-subnets"}
