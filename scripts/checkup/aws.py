"""What AWS says of a stack's parts. Each check reads, changes nothing, and tells the first thing that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from releases.format import ReleaseError
from releases.pointer import archive_key, parse_pointer, pointer_key
from scripts.checkup.deployed import CLUSTER, Deployed

DATABASE: Final = "aws:rds/instance:Instance"
BROKER: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
BUCKET: Final = "aws:s3/bucket:Bucket"
CERTIFICATE: Final = "aws:acm/certificate:Certificate"
TARGETS: Final = "aws:lb/targetGroup:TargetGroup"
CERTIFICATE_DAYS: Final = 30
"""ACM renews sixty days before the end. Later than this, something keeps it from doing so.

https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html
"""


def cluster(stack: Deployed) -> str:
    """Empty when it is well."""
    found = stack.client("eks").describe_cluster(name=stack.ids(CLUSTER)[0])["cluster"]
    status = found["status"]
    return "" if status == "ACTIVE" else f"it is {status}; `aws eks describe-cluster --name {stack.prefix}` says why"


def database(stack: Deployed) -> str:
    """Available; a stopped one is started by hand."""
    for identifier in stack.outputs(DATABASE, "identifier"):
        [found] = stack.client("rds").describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
        match found["DBInstanceStatus"]:
            case "available":
                continue
            case "stopped":
                return f"it is stopped: `aws rds start-db-instance --db-instance-identifier {identifier}`"
            case "storage-full":
                return "its disk is full: raise dataStore.maxStorageGib, and `make up`"
            case status:
                return f"it is {status}: wait for its end"
    return ""


def broker(stack: Deployed) -> str:
    """Available with all its nodes."""
    for identifier in stack.ids(BROKER):
        answer = stack.client("elasticache").describe_replication_groups(ReplicationGroupId=identifier)
        status = answer["ReplicationGroups"][0]["Status"]
        if status != "available":
            return f"it is {status}: wait for its end"
    return ""


def buckets(stack: Deployed) -> str:
    """There, and closed to the world."""
    for name in stack.ids(BUCKET):
        found = stack.client("s3").get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        opened = sorted(key for key, on in found.items() if not on)
        if opened:
            return f"{name} may be opened to the world ({', '.join(opened)} is off): `make up` closes it"
    return ""


def releases(stack: Deployed) -> str:
    """There is a release of DAGs, with its archive."""
    s3 = stack.client("s3")
    for bucket in stack.ids(BUCKET):
        if not bucket.startswith(f"{stack.prefix}-dags"):
            continue
        if not s3.list_objects_v2(Bucket=bucket, Prefix=pointer_key()).get("KeyCount"):
            return f"{bucket} holds no release: `make up`, or `python -m scripts.dags publish`, as airflow.dags says"
        try:
            current = parse_pointer(s3.get_object(Bucket=bucket, Key=pointer_key())["Body"].read())
        except ReleaseError as error:
            return f"{bucket}: {error}"
        archive = archive_key(current.release)
        if not s3.list_objects_v2(Bucket=bucket, Prefix=archive).get("KeyCount"):
            return f"{bucket} lacks {archive}, which is current: publish again"
    return ""


def certificate(stack: Deployed) -> str:
    """Issued, and not near its end."""
    soon = datetime.now(UTC) + timedelta(days=CERTIFICATE_DAYS)
    for arn in stack.ids(CERTIFICATE):
        found = stack.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
        if found["Status"] != "ISSUED":
            return f"it is {found['Status']}: does ingress.publicZoneId name the zone that the domain's servers serve?"
        ends: datetime | None = found.get("NotAfter")
        if ends and ends < soon:
            return f"it ends on {ends:%Y-%m-%d}, and ACM has not renewed it: is its record in public DNS still there?"
    return ""


def targets(stack: Deployed) -> str:
    """Somebody answers behind the load balancer."""
    for arn in stack.ids(TARGETS):
        found = stack.client("elbv2").describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        states = [each["TargetHealth"]["State"] for each in found]
        if "healthy" not in states:
            seen = ", ".join(sorted(set(states))) or "none is registered"
            return (
                f"no api-server answers ({seen}): `kubectl --namespace airflow get pod --selector component=api-server`"
            )
    return ""


def alarms(stack: Deployed) -> str:
    """None fires now. One that fires names its section of the runbook."""
    client = stack.client("cloudwatch")
    firing = sorted(_firing(client, f"{stack.prefix}-"))
    return f"{len(firing)} fire: {', '.join(firing)}; docs/runbook.md has a section for each" if firing else ""


def _firing(client: Any, prefix: str) -> Iterable[str]:
    kinds = ["MetricAlarm", "CompositeAlarm"]
    pages = client.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=prefix, StateValue="ALARM", AlarmTypes=kinds
    )
    for page in pages:
        for found in (*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ())):
            if found["StateValue"] == "ALARM":
                yield found["AlarmName"]
