"""The table of what forces a replacement."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from plan import plan_stack
from tests.engine.programs import CHECKOUT
from tests.engine.raw import Raw, differences
from tests.engine.refusals import GUARDS, USES
from tests.engine.replacements import AWS, forces, goes_first, is_known, path_of
from tests.program.facts import TOLD

ADDON = "aws:eks/addon:Addon"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
CLUSTER = "aws:eks/cluster:Cluster"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
DATABASE = "aws:rds/instance:Instance"
RELEASE = "kubernetes:helm.sh/v3:Release"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
SUBNET = "aws:ec2/subnet:Subnet"
ENCRYPTED = {"encryptionConfig": {"provider": {"keyArn": "a"}}}


def replaces(type_: str, old: Raw, new: Raw) -> list[str]:
    """The paths that force a replacement, as a double finds them."""
    return [path for path in differences(old, new) if forces(type_, path, old, new)]


def object_of(**metadata: str) -> dict[str, Any]:
    return {"metadata": metadata, "data": {}}


def test_every_type_of_the_stacks_is_in_the_table() -> None:
    """A type without an entry would count as updated in place, and a test of a change would say nothing."""
    stacks = [plan_stack("dev"), plan_stack("prod"), plan_stack("prod", config_overrides={"monitoring": TOLD})]
    types = {each.type for stack in stacks for each in stack.resources if each.custom}
    providers = {each for each in types if each.startswith("pulumi:")}
    assert sorted(each for each in types - providers if not is_known(each)) == []


@pytest.mark.parametrize(
    ("type_", "old", "new", "expected"),
    [
        (SUBNET, {"cidrBlock": "a"}, {"cidrBlock": "b"}, True),
        (SUBNET, {"tags": {"Name": "a"}}, {"tags": {"Name": "b"}}, False),
        (CLUSTER, {"vpcConfig": {"subnetIds": ["a"]}}, {"vpcConfig": {"subnetIds": ["b"]}}, False),
        (
            CLUSTER, {"kubernetesNetworkConfig": {"serviceIpv4Cidr": "a"}},
            {"kubernetesNetworkConfig": {"serviceIpv4Cidr": "b"}}, True,
        ),
        (CLUSTER, {}, {"kubernetesNetworkConfig": {"serviceIpv4Cidr": "b"}}, True),
        (CLUSTER, {}, {"kubernetesNetworkConfig": {"elasticLoadBalancing": {"enabled": True}}}, False),
        ("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", {}, {"accessScope": {"type": "a"}}, True),
        ("kubernetes:core/v1:Secret", {"stringData": {"password": "a"}}, {"stringData": {"password": "b"}}, False),
        ("kubernetes:core/v1:Namespace", object_of(name="a"), object_of(name="a", uid="b"), False),
        ("kubernetes:core/v1:Namespace", object_of(name="a"), object_of(name="b"), True),
        ("random:index/randomPassword:RandomPassword", {"length": 1}, {"length": 2}, True),
    ],
)  # fmt: skip
def test_a_path_covers_what_is_below_it(type_: str, old: Raw, new: Raw, expected: bool) -> None:  # noqa: FBT001
    """Nested properties and the items of lists count as what they are in, and come and go with what is around them."""
    assert bool(replaces(type_, old, new)) is expected


@pytest.mark.parametrize(
    ("type_", "old", "new", "expected"),
    [
        (CLUSTER, ENCRYPTED, {}, True),
        (CLUSTER, {}, ENCRYPTED, False),
        (CLUSTER, ENCRYPTED, {"encryptionConfig": {"provider": {"keyArn": "b"}}}, False),
        (CLUSTER, {"computeConfig": {"nodeRoleArn": "a"}}, {"computeConfig": {"nodeRoleArn": "b"}}, True),
        (CLUSTER, {"computeConfig": {}}, {"computeConfig": {"nodeRoleArn": "b"}}, False),
        (CACHE, {"engineVersion": "7.1"}, {"engineVersion": "8.0"}, False),
        (CACHE, {"engineVersion": "8.0"}, {"engineVersion": "7.1"}, True),
        (CACHE, {"engine": "redis"}, {"engine": "valkey"}, False),
        (CACHE, {"engine": "valkey"}, {"engine": "redis"}, True),
        (RULE, {"cidrIpv4": "a"}, {"cidrIpv4": "b"}, False),
        (RULE, {"cidrIpv4": "a"}, {"referencedSecurityGroupId": "b"}, True),
        ("aws:ec2/vpc:Vpc", {"instanceTenancy": "dedicated"}, {"instanceTenancy": "default"}, False),
        ("aws:ec2/vpc:Vpc", {}, {"instanceTenancy": "dedicated"}, True),
        ("aws:lb/loadBalancer:LoadBalancer", {"subnets": ["a", "b"]}, {"subnets": ["b"]}, False),
    ],
)
def test_the_way_it_changes_counts(type_: str, old: Raw, new: Raw, expected: bool) -> None:  # noqa: FBT001
    """Some properties are updated in one direction, and force a replacement in the other."""
    assert bool(replaces(type_, old, new)) is expected


@pytest.mark.parametrize(
    ("type_", "property_", "expected"),
    [
        ("aws:ec2/eip:Eip", "customerOwnedIpv4Pool", False),
        (DATABASE, "identifierPrefix", False),
        (CLUSTER, "remoteNetworkConfig", False),
        (SUBNET, "ipv4IpamPoolId", True),
        ("aws:ec2/natGateway:NatGateway", "availabilityMode", True),
        ("aws:s3/bucketVersioning:BucketVersioning", "expectedBucketOwner", True),
        (ADDON, "region", True),
        ("aws:lb/listener:Listener", "loadBalancerArn", True),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "actionsEnabled", False),
        ("aws:cloudwatch/compositeAlarm:CompositeAlarm", "actionsEnabled", True),
        ("aws:cloudwatch/alarmMuteRule:AlarmMuteRule", "muteTargets", False),
        ("aws:sns/topic:Topic", "kmsMasterKeyId", False),
    ],
)
def test_what_the_provider_says(type_: str, property_: str, expected: bool) -> None:  # noqa: FBT001
    """Properties that were wrong here once, or are on every type."""
    assert bool(replaces(type_, {property_: "a"}, {property_: "b"})) is expected


@pytest.mark.parametrize(
    ("type_", "old", "new", "expected"),
    [
        (DATABASE, {"identifier": "a", "engine": "b"}, {"identifier": "a", "engine": "c"}, True),
        (DATABASE, {"engine": "b"}, {"engine": "c"}, False),
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"policyArn": "a"}, {"policyArn": "b"}, True),
        (CONFIG_MAP, object_of(name="a", namespace="b"), object_of(name="a", namespace="b"), True),
        (CONFIG_MAP, object_of(name="a", namespace="b"), object_of(name="a", namespace="c"), False),
        (RELEASE, {"name": "a", "namespace": "b"}, {"name": "a", "namespace": "c"}, False),
    ],
)
def test_the_old_one_goes_first_where_there_is_room_for_one(
    type_: str, old: Raw, new: Raw, expected: bool,  # noqa: FBT001
) -> None:  # fmt: skip
    """Two with one name, or two attachments of one policy, cannot exist; the provider makes sure."""
    assert goes_first(type_, old, new) is expected


def test_the_tables_name_properties_that_exist() -> None:
    """Every property of the tables is an argument of the SDK's class: a misspelt one would never strike."""
    named = {type_: {path_of(each) for each in forcing} for type_, forcing in AWS.items()}
    for use in (each for uses in USES.values() for each in uses):
        named.setdefault(use.type, set()).add(use.path)
    for type_, guard in GUARDS.items():
        named.setdefault(type_, set()).add(guard.path)
    script = (
        "import importlib, inspect, json, re, sys\n"
        "table = json.load(sys.stdin)\n"
        "snake = lambda name: re.sub('(?<!^)([A-Z])', r'_\\1', name).lower()\n"
        "for type_, paths in table.items():\n"
        "    _, module, name = type_.split(':')\n"
        "    kind = getattr(importlib.import_module('pulumi_aws.' + module.partition('/')[0]), name)\n"
        "    known = set(inspect.signature(kind._internal_init).parameters)\n"
        "    for path in paths:\n"
        "        if path and snake(path.partition('.')[0]) not in known:\n"
        "            print(type_, path)\n"
    )
    # In a process of its own: importing a dozen modules of the SDK takes memory that other tests measure.
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        input=json.dumps({type_: sorted(paths) for type_, paths in named.items()}),
        cwd=CHECKOUT, text=True, capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout == ""
