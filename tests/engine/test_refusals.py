"""What the doubles' cloud refuses to delete."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.cloud import CloudError, Thing
from tests.engine.refusals import deletes_with

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
BUCKET = "aws:s3/bucket:Bucket"
CERTIFICATE = "aws:acm/certificate:Certificate"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
DATABASE = "aws:rds/instance:Instance"
EVENT_RULE = "aws:cloudwatch/eventRule:EventRule"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
LISTENER = "aws:lb/listener:Listener"
NAT = "aws:ec2/natGateway:NatGateway"
OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
ROLE = "aws:iam/role:Role"
SUBNET = "aws:ec2/subnet:Subnet"
SUBNET_GROUP = "aws:rds/subnetGroup:SubnetGroup"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
SNAPSHOT = {"finalSnapshotIdentifier": "last"}


def thing(type_: str, id_: str, **inputs: Any) -> Thing:
    arn_and_name = {"arn": f"arn:{id_}", "name": id_}
    return Thing(type=type_, id=id_, name=id_, urn=id_, seed=id_, inputs=inputs, outputs={**arn_and_name, **inputs})


@pytest.mark.parametrize(
    ("deleted", "others", "error"),
    [
        (thing(SUBNET, "s"), [thing(NAT, "n", subnetId="s")], "DependencyViolation"),
        (
            thing(SUBNET, "s"),
            [thing(SUBNET_GROUP, "g", subnetIds=["s"]), thing(DATABASE, "d", dbSubnetGroupName="g")],
            "DependencyViolation",
        ),
        (
            thing(GATEWAY, "i", vpcId="v"),
            [thing(SUBNET, "s", vpcId="v"), thing(NAT, "n", subnetId="s")],
            "DependencyViolation",
        ),
        (thing(GROUP, "g"), [thing(INGRESS, "r", securityGroupId="h", referencedSecurityGroupId="g")], "Dependency"),
        (thing(ROLE, "r"), [thing("aws:iam/rolePolicy:RolePolicy", "p", role="r")], "DeleteConflict"),
        (thing(SUBNET_GROUP, "g"), [thing(DATABASE, "d", dbSubnetGroupName="g")], "InvalidDBSubnetGroupStateFault"),
        (
            thing(TARGET_GROUP, "t"),
            [thing(LISTENER, "l", defaultActions=[{"forward": {"targetGroups": [{"arn": "arn:t"}]}}])],
            "ResourceInUse",
        ),
        (thing(CERTIFICATE, "c"), [thing(LISTENER, "l", certificateArn="arn:c")], "ResourceInUseException"),
        (thing(ALARM, "a"), [thing(COMPOSITE, "c", alarmRule='NOT ALARM("b") OR ALARM("a")')], "ValidationError"),
        (thing(EVENT_RULE, "e"), [thing(TARGET, "t", rule="e")], "ValidationException"),
        (thing(BUCKET, "b"), [thing(OBJECT, "o", bucket="b")], "BucketNotEmpty"),
        (thing(DATABASE, "d", deletionProtection=True, **SNAPSHOT), [], "InvalidParameterCombination"),
        (thing(DATABASE, "d"), [], "final_snapshot_identifier"),
        (thing("aws:cognito/userPool:UserPool", "u", deletionProtection="ACTIVE"), [], "InvalidParameterException"),
    ],
)
def test_what_is_used_or_protected_stays(deleted: Thing, others: list[Thing], error: str) -> None:
    """The error is AWS's own, by which one knows it again."""
    with pytest.raises(CloudError, match=f"^{error}"):
        deletes_with(deleted, [deleted, *others])


@pytest.mark.parametrize(
    ("deleted", "others"),
    [
        (thing(SUBNET, "s"), [thing(SUBNET_GROUP, "g", subnetIds=["s"])]),
        (thing(GATEWAY, "i", vpcId="v"), [thing(SUBNET, "s", vpcId="v")]),
        (
            thing(GATEWAY, "i", vpcId="v"),
            [thing(SUBNET, "s", vpcId="v"), thing(NAT, "n", subnetId="s", connectivityType="private")],
        ),
        (thing(GROUP, "g"), [thing(INGRESS, "r", securityGroupId="g", referencedSecurityGroupId="g")]),
        (thing(ALARM, "a"), [thing(COMPOSITE, "c", alarmRule="ALARM(aa)")]),
        (thing(DATABASE, "d", **SNAPSHOT), []),
        (thing("aws:kms/key:Key", "k"), [thing(BUCKET, "b", kmsKeyId="k")]),
    ],
)
def test_what_nothing_holds_on_to_goes(deleted: Thing, others: list[Thing]) -> None:
    """AWS is no stricter than it says: a test that fails here must fail there."""
    assert deletes_with(deleted, [deleted, *others]) == []


@pytest.mark.parametrize(
    ("deleted", "part"),
    [
        (thing(BUCKET, "b", forceDestroy=True), thing(OBJECT, "o", bucket="b")),
        (thing(EVENT_RULE, "e", forceDestroy=True), thing(TARGET, "t", rule="e")),
    ],
)
def test_parts_go_along_where_the_program_says_so(deleted: Thing, part: Thing) -> None:
    """The provider empties it first."""
    assert deletes_with(deleted, [deleted, part]) == [part]
