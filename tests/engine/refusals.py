"""What AWS refuses to delete, so that an order of destruction that AWS would stop does not pass here.

The provider waits some minutes for what is on its way out: network interfaces, an internet gateway's addresses, a
role's policies. A double does not wait, as nothing that waits for the deletion in its turn would go meanwhile.

Never refused, used or not: a KMS key, which is only scheduled for deletion and whose users fail at once
(https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html); a role that a cluster or a pod still
runs as; a load balancer with listeners, which go with it
(https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html); a route table with
associations, which the provider undoes first (ec2/vpc_route_table.go); a user pool with clients; a topic, whose
subscriptions go with it (https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html); an alarm that is muted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, cast, final

from tests.engine.cloud import CloudError, Thing
from tests.engine.raw import clear

BUCKET: Final = "aws:s3/bucket:Bucket"
DATABASE: Final = "aws:rds/instance:Instance"
GATEWAY: Final = "aws:ec2/internetGateway:InternetGateway"
LOAD_BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
NAT: Final = "aws:ec2/natGateway:NatGateway"
OBJECT: Final = "aws:s3/bucketObjectv2:BucketObjectv2"
RULE: Final = "aws:cloudwatch/eventRule:EventRule"
SUBNET: Final = "aws:ec2/subnet:Subnet"


@final
@dataclass(frozen=True)
class Use:
    """Who names what is to be deleted, in which input."""

    type: str
    path: str
    if_used: bool = False
    """It is no hindrance by itself, but hands on what uses it."""


@final
@dataclass(frozen=True)
class Guard:
    """An input that forbids deletion while it has this value."""

    path: str
    error: str
    value: Any = True


ALARMS_IN_RULE: Final = Use("aws:cloudwatch/compositeAlarm:CompositeAlarm", "alarmRule")
# By what is deleted. The name of the error, which is the first word of each message, is in `ERRORS`.
USES: Final[dict[str, tuple[Use, ...]]] = {
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html; its default group goes with it, and
    # flow logs are no hindrance.
    "aws:ec2/vpc:Vpc": (
        *(Use(each, "vpcId") for each in (SUBNET, GATEWAY, NAT)),
        *(Use(f"aws:ec2/{each}", "vpcId") for each in (
            "routeTable:RouteTable", "securityGroup:SecurityGroup", "vpcEndpoint:VpcEndpoint",
        )),
    ),
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnet.html names instances, and means all that
    # has a network interface there: https://github.com/aws/aws-cdk/issues/14456. A group of subnets alone has none:
    # https://repost.aws/knowledge-center/rds-db-subnet-group
    SUBNET: (
        Use(NAT, "subnetId"),
        Use(LOAD_BALANCER, "subnets"),
        Use("aws:ec2/vpcEndpoint:VpcEndpoint", "subnetIds"),
        Use("aws:eks/cluster:Cluster", "vpcConfig.subnetIds"),
        Use("aws:elasticache/subnetGroup:SubnetGroup", "subnetIds", if_used=True),
        Use("aws:rds/subnetGroup:SubnetGroup", "subnetIds", if_used=True),
    ),
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html: of a network interface, or
    # named in a rule of another group.
    "aws:ec2/securityGroup:SecurityGroup": (
        Use(LOAD_BALANCER, "securityGroups"),
        Use(DATABASE, "vpcSecurityGroupIds"),
        Use("aws:ec2/vpcEndpoint:VpcEndpoint", "securityGroupIds"),
        Use("aws:eks/cluster:Cluster", "vpcConfig.securityGroupIds"),
        Use("aws:elasticache/replicationGroup:ReplicationGroup", "securityGroupIds"),
        Use("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "referencedSecurityGroupId"),
        Use("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "referencedSecurityGroupId"),
    ),
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReleaseAddress.html
    "aws:ec2/eip:Eip": (Use(NAT, "allocationId"),),
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
    "aws:iam/role:Role": (
        Use("aws:iam/rolePolicy:RolePolicy", "role"),
        Use("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role"),
    ),
    # https://docs.aws.amazon.com/eks/latest/APIReference/API_DeleteCluster.html
    "aws:eks/cluster:Cluster": (
        Use("aws:eks/nodeGroup:NodeGroup", "clusterName"),
        Use("aws:eks/fargateProfile:FargateProfile", "clusterName"),
    ),
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBSubnetGroup.html
    "aws:rds/subnetGroup:SubnetGroup": (Use(DATABASE, "dbSubnetGroupName"),),
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBParameterGroup.html
    "aws:rds/parameterGroup:ParameterGroup": (Use(DATABASE, "parameterGroupName"),),
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteCacheSubnetGroup.html
    "aws:elasticache/subnetGroup:SubnetGroup": (
        Use("aws:elasticache/replicationGroup:ReplicationGroup", "subnetGroupName"),
    ),
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteCacheParameterGroup.html
    "aws:elasticache/parameterGroup:ParameterGroup": (
        Use("aws:elasticache/replicationGroup:ReplicationGroup", "parameterGroupName"),
    ),
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html
    "aws:lb/targetGroup:TargetGroup": tuple(
        Use(type_, f"{actions}.{path}")
        for type_, actions in (
            ("aws:lb/listener:Listener", "defaultActions"), ("aws:lb/listenerRule:ListenerRule", "actions"),
        )
        for path in ("targetGroupArn", "forward.targetGroups.arn")
    ),
    # https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html
    "aws:acm/certificate:Certificate": (
        Use("aws:lb/listener:Listener", "certificateArn"),
        Use("aws:cognito/userPoolDomain:UserPoolDomain", "certificateArn"),
    ),
    # https://docs.aws.amazon.com/waf/latest/APIReference/API_DeleteWebACL.html
    "aws:wafv2/webAcl:WebAcl": (Use("aws:wafv2/webAclAssociation:WebAclAssociation", "webAclArn"),),
    # https://github.com/hashicorp/terraform-provider-aws/issues/16479
    "aws:cognito/userPool:UserPool": (Use("aws:cognito/userPoolDomain:UserPoolDomain", "userPoolId"),),
    # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html
    RULE: (Use("aws:cloudwatch/eventTarget:EventTarget", "rule"),),
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html,
    # https://github.com/ekristen/aws-nuke/issues/462
    "aws:cloudwatch/metricAlarm:MetricAlarm": (ALARMS_IN_RULE,),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": (ALARMS_IN_RULE,),
}  # fmt: skip
ERRORS: Final = {
    "aws:acm/certificate:Certificate": "ResourceInUseException",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "ValidationError",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "ValidationError",
    "aws:cognito/userPool:UserPool": "InvalidParameterException",
    "aws:ec2/eip:Eip": "InvalidIPAddress.InUse",
    "aws:eks/cluster:Cluster": "ResourceInUseException",
    "aws:elasticache/parameterGroup:ParameterGroup": "InvalidCacheParameterGroupState",
    "aws:elasticache/subnetGroup:SubnetGroup": "CacheSubnetGroupInUse",
    "aws:iam/role:Role": "DeleteConflict",
    "aws:lb/targetGroup:TargetGroup": "ResourceInUse",
    "aws:rds/parameterGroup:ParameterGroup": "InvalidDBParameterGroupState",
    "aws:rds/subnetGroup:SubnetGroup": "InvalidDBSubnetGroupStateFault",
    "aws:wafv2/webAcl:WebAcl": "WAFAssociatedItemException",
    RULE: "ValidationException",
}
GUARDS: Final[dict[str, Guard]] = {
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/protecting-log-groups-from-deletion.html
    "aws:cloudwatch/logGroup:LogGroup": Guard("deletionProtectionEnabled", "ValidationException"),
    # https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-deletion-protection.html
    "aws:cognito/userPool:UserPool": Guard("deletionProtection", "InvalidParameterException", "ACTIVE"),
    # https://docs.aws.amazon.com/eks/latest/userguide/deletion-protection.html
    "aws:eks/cluster:Cluster": Guard("deletionProtection", "InvalidRequestException"),
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html
    LOAD_BALANCER: Guard("enableDeletionProtection", "OperationNotPermitted"),
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html; the name of the error is in
    # https://github.com/hashicorp/terraform-provider-aws/issues/26233
    DATABASE: Guard("deletionProtection", "InvalidParameterCombination"),
}


def deletes_with(thing: Thing, there: Iterable[Thing]) -> list[Thing]:
    """Refuse as AWS would; else what goes with it: a bucket's objects and a rule's targets, where the program says so.

    Objects that others write, such as logs, do not exist here, so a bucket for them is always empty.
    """
    inputs, there = clear(thing.inputs), list(there)
    guard = GUARDS.get(thing.type)
    if guard and inputs.get(guard.path) == guard.value:
        raise CloudError(f"{guard.error}: {thing.type} {thing.id} has deletion protection")
    if thing.type == DATABASE and not (inputs.get("skipFinalSnapshot") or inputs.get("finalSnapshotIdentifier")):
        # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html; the provider says it.
        raise CloudError("final_snapshot_identifier is required when skip_final_snapshot is false")
    if thing.type == BUCKET:
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html: versions of objects count as well.
        users = [each for each in there if each.type == OBJECT and each.inputs.get("bucket") == thing.id]
        error = "BucketNotEmpty"
    else:
        users = public_in(inputs.get("vpcId"), there) if thing.type == GATEWAY else users_of(thing, there)
        error = ERRORS.get(thing.type, "DependencyViolation")
    if not users:
        return []
    if thing.type in (BUCKET, RULE) and inputs.get("forceDestroy"):
        return users
    raise CloudError(f"{error}: {thing.type} {thing.id} is used by {users[0].type} {users[0].id}")


def users_of(thing: Thing, there: list[Thing]) -> list[Thing]:
    """What AWS keeps it for. It is named by its id, its name or its ARN."""
    names = {thing.id, *(thing.outputs.get(each) for each in ("name", "arn", "alarmName"))} - {None}
    found: list[Thing] = []
    for use in USES.get(thing.type, ()):
        for user in there:
            inputs = clear(user.inputs) if user.type == use.type and user is not thing else {}
            # A rule by which a group lets itself in goes with it.
            if names.isdisjoint(_named(inputs, use.path)) or inputs.get("securityGroupId") == thing.id:
                continue
            found += users_of(user, there) if use.if_used else [user]
    return found


def public_in(vpc: Any, there: list[Thing]) -> list[Thing]:
    """What has a public address in the VPC, which its internet gateway cannot be detached from meanwhile.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html
    """
    subnets = {each.id for each in there if each.type == SUBNET and clear(each.inputs).get("vpcId") == vpc}
    found: list[Thing] = []
    for each in there:
        inputs = clear(each.inputs) if each.type in (NAT, LOAD_BALANCER) else {}
        private = inputs.get("connectivityType") == "private" or inputs.get("internal")
        if not private and not subnets.isdisjoint({*_named(inputs, "subnetId"), *_named(inputs, "subnets")}):
            found.append(each)
    return found


def _named(inputs: Any, path: str) -> Iterator[Any]:
    """The values at a path, through lists; the alarms in a rule such as `ALARM("a") AND NOT ALARM(b)`."""
    if isinstance(inputs, list):
        for each in cast("list[Any]", inputs):
            yield from _named(each, path)
    elif path and isinstance(inputs, dict):
        step, _, rest = path.partition(".")
        value = cast("dict[str, Any]", inputs).get(step)
        yield from re.findall(r'\(\s*"?([^()"]+?)"?\s*\)', str(value)) if step == "alarmRule" else _named(value, rest)
    elif not path and inputs is not None:
        yield inputs
