"""The buckets: each is private, versioned, encrypted with its own key, and tidies up after itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.dag_bucket import DagBucket
from plan import Asset, Deployment, Resource, deploy, plan_stack
from releases.publication import publication
from settings import BucketsSettings, Dags, Site
from tests.program.conftest import planned

USES = ("dags", "logs", "data")
OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
SITE = Site(
    project="alisio",
    stack="test",
    region="eu-west-1",
    account_id="111122223333",
    protect=True,
    deployer="arn:aws:iam::111122223333:role/deployer",
    administrators=(),
    viewers=(),
)


def part(deployment: Deployment, kind: str, use: str) -> dict[str, Any]:
    """One of the resources that harden a bucket."""
    token = f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}"
    return deployment.one(token, f"alisio-{deployment.stack}-{use}").plain_inputs


def rules(deployment: Deployment, use: str) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in part(deployment, "BucketLifecycleConfiguration", use)["rules"]}


@pytest.mark.parametrize("use", USES)
def test_nothing_of_a_bucket_is_public(stack: Deployment, use: str) -> None:
    """All four blocks are on, and ACLs are off: only policies decide."""
    block = part(stack, "BucketPublicAccessBlock", use)
    for switch in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"):
        assert block[switch] is True
    assert part(stack, "BucketOwnershipControls", use)["rule"] == {"objectOwnership": "BucketOwnerEnforced"}


@pytest.mark.parametrize("use", USES)
def test_each_bucket_is_encrypted_with_its_own_key(stack: Deployment, use: str) -> None:
    """KMS with a bucket key, which saves most of the calls to KMS; the key rotates and serves one bucket."""
    (rule,) = part(stack, "BucketServerSideEncryptionConfiguration", use)["rules"]
    key = stack.one("aws:kms/key:Key", f"alisio-{stack.stack}-{use}")
    assert rule["bucketKeyEnabled"] is True
    assert rule["applyServerSideEncryptionByDefault"] == {
        "sseAlgorithm": "aws:kms",
        "kmsMasterKeyId": key.outputs["arn"],
    }
    assert key.inputs["enableKeyRotation"] is True


@pytest.mark.parametrize("use", USES)
def test_what_is_deleted_can_be_brought_back(stack: Deployment, use: str) -> None:
    """Every bucket is versioned, and old versions, their markers and stale uploads end some day."""
    assert part(stack, "BucketVersioning", use)["versioningConfiguration"] == {"status": "Enabled"}
    found = rules(stack, use)
    assert found["stale-uploads"]["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    assert found["old-versions"]["noncurrentVersionExpiration"]["noncurrentDays"] >= 7
    assert found["delete-markers"]["expiration"] == {"expiredObjectDeleteMarker": True}
    assert {each["status"] for each in found.values()} == {"Enabled"}


def test_lifecycles_are_as_the_files_say() -> None:
    """Logs expire, data may be archived, DAG files never end."""
    for name, log_days in (("dev", 14), ("prod", 365)):
        expiry = rules(planned(name), "logs")["expiry"]
        assert (expiry["filter"], expiry["expiration"]) == ({"prefix": "logs/"}, {"days": log_days})
    archive = rules(planned("prod"), "data")["archive"]
    assert archive["transitions"] == [{"days": 90, "storageClass": "INTELLIGENT_TIERING"}]
    assert "archive" not in rules(planned("dev"), "data")
    assert not any("days" in each.get("expiration", {}) for each in rules(planned("prod"), "dags").values())
    assert not any("days" in each.get("expiration", {}) for each in rules(planned("prod"), "data").values())


def test_access_logs_are_one_setting() -> None:
    """With a bucket to write to, all three log each access, under a prefix of their own; without, none does."""
    logging = "aws:s3/bucketLogging:BucketLogging"
    logged = plan_stack("dev", config_overrides={"buckets": {"accessLogBucket": "audit-logs"}})
    assert {(each.inputs["targetBucket"], each.inputs["targetPrefix"]) for each in logged.of_type(logging)} == {
        ("audit-logs", f"alisio-dev-{use}/") for use in USES
    }
    assert planned("dev").of_type(logging) == ()


@pytest.fixture
def published(tmp_path: Path) -> Deployment:
    """A DagBucket with two DAG files, one by one, and with what Python and linters leave lying about."""
    for name in ("orders.py", "sales/daily.py", "__pycache__/orders.pyc", "sales/.ruff_cache/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)

    files = publication(tmp_path, bundle="s3", publisher="pulumi")

    def program() -> None:
        DagBucket("alisio-test-dags", BucketsSettings(), SITE, dags=Dags(bundle="s3"), publication=files)

    return deploy(program, project="alisio", stack="test")


def objects(deployment: Deployment) -> dict[str, Resource]:
    return {each.inputs["key"]: each for each in deployment.of_type(OBJECT)}


def test_dag_files_are_uploaded_as_they_lie(published: Deployment) -> None:
    """Each DAG file becomes an object of the same path below `dags/`, and caches stay at home."""
    found = objects(published)
    assert set(found) == {"dags/orders.py", "dags/sales/daily.py"}
    for key, each in found.items():
        source = each.inputs["source"]
        assert isinstance(source, Asset)
        assert str(source.value).endswith(key.removeprefix("dags/"))


def test_dag_files_are_uploaded_into_a_bucket_that_is_ready(published: Deployment) -> None:
    """No file arrives before the bucket is closed, versioned, and encrypts with its key: what is there stays so."""
    before = ("BucketVersioning", "BucketServerSideEncryptionConfiguration", "BucketPolicy", "BucketPublicAccessBlock")
    for each in objects(published).values():
        upstream = published.upstream(each)
        for kind in before:
            token = f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}"
            assert published.one(token).urn in upstream, kind
