"""The names of resources in a picture: the few kinds that show what a component consists of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

from plan.deployment import Resource

Properties = dict[str, Any]

# In the order in which a picture shows them.
DESCRIBED: Final[dict[str, Callable[[Properties], str]]] = {
    "aws:rds/instance:Instance": lambda inputs: _join(
        "RDS", inputs.get("engine"), inputs.get("engineVersion"), inputs.get("multiAz") and "Multi-AZ"
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": lambda inputs: _join(
        "ElastiCache", inputs.get("engine"), inputs.get("engineVersion"), _nodes(inputs.get("numCacheClusters"))
    ),
    "eks:index:Cluster": lambda inputs: _join("EKS", inputs.get("version"), "autoMode" in inputs and "Auto Mode"),
    "aws:eks/addon:Addon": lambda inputs: _join("add-on", inputs.get("addonName")),
    "kubernetes:helm.sh/v3:Release": lambda inputs: _join("Helm", inputs.get("chart"), inputs.get("version")),
}
COUNTED: Final = {
    "aws:cognito/userPool:UserPool": ("user pool", "user pools"),
    "aws:lb/loadBalancer:LoadBalancer": ("load balancer", "load balancers"),
    "aws:wafv2/webAcl:WebAcl": ("web ACL", "web ACLs"),
    "aws:acm/certificate:Certificate": ("certificate", "certificates"),
    "aws:ec2/vpc:Vpc": ("VPC", "VPCs"),
    "aws:ec2/subnet:Subnet": ("subnet", "subnets"),
    "aws:ec2/natGateway:NatGateway": ("NAT gateway", "NAT gateways"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("VPC endpoint", "VPC endpoints"),
    "aws:ec2/flowLog:FlowLog": ("flow log", "flow logs"),
    "aws:s3/bucket:Bucket": ("S3 bucket", "S3 buckets"),
    "aws:s3/bucketObjectv2:BucketObjectv2": ("file", "files"),
    "aws:sqs/queue:Queue": ("queue", "queues"),
    "kubernetes:karpenter.sh/v1:NodePool": ("node pool", "node pools"),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": ("pod role", "pod roles"),
    "aws:eks/accessEntry:AccessEntry": ("access entry", "access entries"),
    "kubernetes:core/v1:Namespace": ("namespace", "namespaces"),
    "kubernetes:core/v1:Secret": ("secret", "secrets"),
    "kubernetes:networking.k8s.io/v1:NetworkPolicy": ("network policy", "network policies"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("alarm", "alarms"),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": ("composite alarm", "composite alarms"),
    "aws:cloudwatch/dashboard:Dashboard": ("dashboard", "dashboards"),
    "aws:sns/topic:Topic": ("topic", "topics"),
    "aws:kms/key:Key": ("KMS key", "KMS keys"),
}


def describe(resources: Iterable[Resource]) -> list[str]:
    """The main resources, each kind once: `RDS postgres 17 Multi-AZ`, `9 subnets`, `KMS key`."""
    resources = list(resources)
    shown = [DESCRIBED[token](each.inputs) for token in DESCRIBED for each in resources if each.type == token]
    found = Counter(each.type for each in resources)
    shown += [_counted(found[token], *names) for token, names in COUNTED.items() if found[token]]
    return shown or [f"{len(resources)} resource{'s' * (len(resources) != 1)}"]


def _counted(count: int, one: str, several: str) -> str:
    return one if count == 1 else f"{count} {several}"


def _nodes(count: object) -> str:
    return f"on {count} nodes" if isinstance(count, int) and count > 1 else ""


def _join(*words: object) -> str:
    return " ".join(word for word in words if isinstance(word, str) and word)
