"""The cloud through the AWS CLI, as whoever the credentials of this machine belong to.

Not through the Resource Groups Tagging API, but for KMS: it answers late, and also with what was deleted.
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, final

from refused import FAILED
from scripts.recover import edge, notices, people
from scripts.recover.cloud import Unclear

# Type -> command, the list in its answer, the id in an item, the flag for filters, and more filters.
NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:ec2/eip:Eip": ("describe-addresses", "Addresses", "AllocationId", "--filters"),
    "aws:ec2/flowLog:FlowLog": ("describe-flow-logs", "FlowLogs", "FlowLogId", "--filter"),
    "aws:ec2/internetGateway:InternetGateway": (
        *("describe-internet-gateways", "InternetGateways", "InternetGatewayId", "--filters"),
    ),
    # A deleted one is shown for an hour.
    "aws:ec2/natGateway:NatGateway": (
        *("describe-nat-gateways", "NatGateways", "NatGatewayId", "--filter", "Name=state,Values=pending,available"),
    ),
    "aws:ec2/routeTable:RouteTable": ("describe-route-tables", "RouteTables", "RouteTableId", "--filters"),
    "aws:ec2/subnet:Subnet": ("describe-subnets", "Subnets", "SubnetId", "--filters"),
    "aws:ec2/vpc:Vpc": ("describe-vpcs", "Vpcs", "VpcId", "--filters"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": (
        *("describe-vpc-endpoints", "VpcEndpoints", "VpcEndpointId", "--filters"),
        "Name=vpc-endpoint-state,Values=pendingAcceptance,pending,available",
    ),
}
GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
RULES: Final = {
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": False,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": True,
}
POD_IDENTITY: Final = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
KEY: Final = "aws:kms/key:Key"
QUEUE: Final = "aws:sqs/queue:Queue"
TYPES: Final = (
    *(*NAMED, GROUP, DEFAULT_GROUP, *RULES, POD_IDENTITY, KEY, QUEUE),
    *(*edge.TYPES, *notices.TYPES, *people.TYPES),
)
"""Where AWS chooses the id."""
# What takes minutes: until it is ready its endpoint is unknown, and the state would be without. With the id in a place.
WAITERS: Final = {
    "aws:ec2/natGateway:NatGateway": "ec2 wait nat-gateway-available --nat-gateway-ids {0}",
    "aws:eks/addon:Addon": "eks wait addon-active --cluster-name {0} --addon-name {1}",
    "aws:eks/cluster:Cluster": "eks wait cluster-active --name {0}",
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        "elasticache wait replication-group-available --replication-group-id {0}"
    ),
    "aws:rds/instance:Instance": "rds wait db-instance-available --db-instance-identifier {0}",
}
GAVE_UP: Final = "Max attempts exceeded"
# A waiter of the CLI gives up before RDS and ElastiCache are at the end of their time.
TURNS: Final = 3
ABSENT: Final = ("NonExistentQueue", "QueueDoesNotExist", "ResourceNotFoundException", *edge.ABSENT, *notices.ABSENT)


@final
@dataclass(frozen=True, kw_only=True)
class Aws:
    """One region of one account."""

    region: str

    def find(self, type_: str, inputs: Mapping[str, Any], known: Collection[str]) -> str | None:
        ids = [each for each in self._ids(type_, inputs) if each not in known]
        if len(ids) > 1:
            raise Unclear(f"AWS has {len(ids)} that could be it: {', '.join(ids)}")
        return ids[0] if ids else None

    def wait(self, type_: str, identifier: str) -> None:
        if type_ not in WAITERS:
            return
        words = WAITERS[type_].format(*identifier.split(":")).split()
        for _ in range(TURNS):
            done = self._run(*words)
            if GAVE_UP not in done.stderr:
                # Ready; or failed, or absent, which the provider will see.
                return
        raise Unclear(f"{identifier} is still not ready; run this again later", status=FAILED)

    def _ids(self, type_: str, inputs: Mapping[str, Any]) -> Iterator[str]:
        if type_ in NAMED:
            command, items, key, flag, *more = NAMED[type_]
            yield from self._listed(
                "ec2", command, flag, f"Name=tag:Name,Values={_name(inputs)}", *more, path=(items, key)
            )
        elif type_ in (GROUP, DEFAULT_GROUP):
            name = "default" if type_ == DEFAULT_GROUP else inputs["name"]
            filters = (f"Name=group-name,Values={name}", f"Name=vpc-id,Values={inputs['vpcId']}")
            path = ("SecurityGroups", "GroupId")
            yield from self._listed("ec2", "describe-security-groups", "--filters", *filters, path=path)
        elif type_ in RULES:
            yield from self._rules(inputs, egress=RULES[type_])
        elif type_ == POD_IDENTITY:
            cluster = inputs["clusterName"]
            where = ("--namespace", inputs["namespace"], "--service-account", inputs["serviceAccount"])
            path = ("associations", "associationId")
            words = ("list-pod-identity-associations", "--cluster-name", cluster, *where)
            yield from (f"{cluster},{each}" for each in self._listed("eks", *words, path=path))
        elif type_ == KEY:
            yield from self._keys(_name(inputs))
        elif type_ == QUEUE:
            yield from filter(None, [self._ask("sqs", "get-queue-url", "--queue-name", inputs["name"]).get("QueueUrl")])
        elif type_ in edge.TYPES:
            yield from edge.ids(type_, inputs, self._ask)
        elif type_ in notices.TYPES:
            yield from notices.ids(type_, inputs, self._ask)
        elif type_ in people.TYPES:
            yield from people.ids(type_, inputs, self._ask)
        else:
            raise Unclear(f"nobody has told this command how to look for a {type_}")

    def _rules(self, inputs: Mapping[str, Any], *, egress: bool) -> Iterator[str]:
        words = ("describe-security-group-rules", "--filters", f"Name=group-id,Values={inputs['securityGroupId']}")
        for rule in self._ask("ec2", *words).get("SecurityGroupRules", ()):
            wanted = {
                "IsEgress": egress,
                "IpProtocol": inputs["ipProtocol"],
                # Of all protocols all ports: AWS says -1 where the program says nothing.
                "FromPort": inputs.get("fromPort", -1),
                "ToPort": inputs.get("toPort", -1),
                "CidrIpv4": inputs.get("cidrIpv4"),
                "CidrIpv6": inputs.get("cidrIpv6"),
                "PrefixListId": inputs.get("prefixListId"),
            }
            group: Mapping[str, str] = rule.get("ReferencedGroupInfo") or {}
            same = all(rule.get(key) == value for key, value in wanted.items())
            if same and group.get("GroupId") == inputs.get("referencedSecurityGroupId"):
                yield rule["SecurityGroupRuleId"]

    def _keys(self, name: str) -> Iterator[str]:
        words = ("get-resources", "--resource-type-filters", "kms:key", "--tag-filters", f"Key=Name,Values={name}")
        for arn in self._listed("resourcegroupstaggingapi", *words, path=("ResourceTagMappingList", "ResourceARN")):
            # A key that is deleted keeps its tags for weeks.
            key: Mapping[str, str] = self._ask("kms", "describe-key", "--key-id", arn).get("KeyMetadata") or {}
            if key.get("KeyState") == "Enabled":
                yield key["KeyId"]

    def _listed(self, *words: str, path: tuple[str, str]) -> list[str]:
        items, key = path
        return [str(each[key]) for each in self._ask(*words).get(items) or ()]

    def _ask(self, *words: str) -> dict[str, Any]:
        done = self._run(*words, "--output", "json")
        if done.returncode == 0:
            return json.loads(done.stdout) if done.stdout.strip() else {}
        if any(word in done.stderr for word in ABSENT):
            return {}
        raise Unclear(f"`aws {' '.join(words[:2])}` failed: {done.stderr.strip()}", status=FAILED)

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        # Of what is in a few regions only, the caller names one.
        command = ["aws", *words, *(() if "--region" in words else ("--region", self.region))]
        return subprocess.run(command, capture_output=True, text=True, check=False)


def _name(inputs: Mapping[str, Any]) -> str:
    """The tag `Name`, which the program gives whatever has no name, with the stack's prefix."""
    tags: Mapping[str, str] = inputs.get("tags") or {}
    name = tags.get("Name")
    if not name:
        raise Unclear("it has no tag `Name` to be found by")
    return name
