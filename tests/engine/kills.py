"""At which steps the engine is killed: at a sample of them, or at all with ALISIO_ENGINE_ALL=1."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from tests.engine.recovering import Kill

ALL: Final = bool(os.environ.get("ALISIO_ENGINE_ALL"))
WHEN: Final = ("before", "after")
Steps = Sequence[tuple[str, str, str]]
"""Method, type and name."""
# By default: every provider and kind of id: a name of ours, one of the provider's, one of several parts, one that
# AWS chooses and that is found by tag, by group, by rule or by URL, and none at all.
SAMPLE: Final = (
    "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:ec2/eip:Eip",
    "aws:ec2/route:Route",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/vpc:Vpc",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    "aws:eks/cluster:Cluster",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:iam/role:Role",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:acm/certificate:Certificate",
    "aws:kms/key:Key",
    "aws:lb/listener:Listener",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:rds/instance:Instance",
    "aws:route53/record:Record",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketObjectv2:BucketObjectv2",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:sns/topic:Topic",
    "aws:sqs/queue:Queue",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:wafv2/webAclAssociation:WebAclAssociation",
    "kubernetes:core/v1:Namespace",
    "kubernetes:core/v1:Secret",
    "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding",
    "kubernetes:helm.sh/v3:Release",
    "kubernetes:karpenter.sh/v1:NodePool",
    "random:index/randomPassword:RandomPassword",
    "random:index/randomUuid:RandomUuid",
)


def kills_at(steps: Steps) -> list[Kill]:
    """Every step, before and after; or one of each type of the sample, every fourth before, the others after."""
    if ALL:
        return [Kill(method=method, type=type_, name=name, when=when) for method, type_, name in steps for when in WHEN]
    found: dict[tuple[str, str], Kill] = {}
    for method, type_, name in steps:
        if type_ in SAMPLE and (method, type_) not in found:
            when = WHEN[len(found) % 4 != 3]
            found[method, type_] = Kill(method=method, type=type_, name=name, when=when)
    return list(found.values())


def next_of(kills: Sequence[Kill]) -> list[Kill]:
    """Of each step the first: a resource that was made cannot be killed before that."""
    firsts: dict[tuple[str, str, str], Kill] = {}
    for kill in kills:
        firsts.setdefault((kill.method, kill.type, kill.name), kill)
    return list(firsts.values())
