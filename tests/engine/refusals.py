"""What AWS refuses to delete, so that an order of destruction that AWS would stop does not pass here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, cast

from tests.engine.cloud import CloudError, Thing
from tests.engine.raw import clear

# What is deleted -> its output that others name, and who names it in which input. Each answers DependencyViolation,
# InvalidDBSubnetGroupStateFault, CacheSubnetGroupInUse, DeleteConflict or the like:
# https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBSubnetGroup.html
# https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteCacheSubnetGroup.html
USED: Final[dict[str, tuple[str, tuple[tuple[str, str], ...]]]] = {
    "aws:ec2/vpc:Vpc": (
        "id",
        (
            ("aws:ec2/subnet:Subnet", "vpcId"),
            ("aws:ec2/securityGroup:SecurityGroup", "vpcId"),
            ("aws:ec2/routeTable:RouteTable", "vpcId"),
            ("aws:ec2/internetGateway:InternetGateway", "vpcId"),
            ("aws:ec2/vpcEndpoint:VpcEndpoint", "vpcId"),
        ),
    ),
    "aws:ec2/subnet:Subnet": (
        "id",
        (
            ("aws:ec2/natGateway:NatGateway", "subnetId"),
            ("aws:eks/cluster:Cluster", "vpcConfig.subnetIds"),
            ("aws:rds/subnetGroup:SubnetGroup", "subnetIds"),
            ("aws:elasticache/subnetGroup:SubnetGroup", "subnetIds"),
            ("aws:lb/loadBalancer:LoadBalancer", "subnets"),
        ),
    ),
    "aws:ec2/securityGroup:SecurityGroup": (
        "id",
        (
            ("aws:rds/instance:Instance", "vpcSecurityGroupIds"),
            ("aws:elasticache/replicationGroup:ReplicationGroup", "securityGroupIds"),
            ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "referencedSecurityGroupId"),
            ("aws:lb/loadBalancer:LoadBalancer", "securityGroups"),
        ),
    ),
    "aws:ec2/eip:Eip": ("id", (("aws:ec2/natGateway:NatGateway", "allocationId"),)),
    "aws:iam/role:Role": (
        "name",
        (("aws:iam/rolePolicy:RolePolicy", "role"), ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role")),
    ),
    "aws:rds/subnetGroup:SubnetGroup": ("name", (("aws:rds/instance:Instance", "dbSubnetGroupName"),)),
    "aws:rds/parameterGroup:ParameterGroup": ("name", (("aws:rds/instance:Instance", "parameterGroupName"),)),
    "aws:elasticache/subnetGroup:SubnetGroup": (
        "name",
        (("aws:elasticache/replicationGroup:ReplicationGroup", "subnetGroupName"),),
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": (
        "name",
        (("aws:elasticache/replicationGroup:ReplicationGroup", "parameterGroupName"),),
    ),
}
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html,
# https://docs.aws.amazon.com/eks/latest/userguide/deletion-protection.html
GUARDED: Final = ("aws:rds/instance:Instance", "aws:eks/cluster:Cluster")
BUCKET: Final = "aws:s3/bucket:Bucket"
OBJECT: Final = "aws:s3/bucketObjectv2:BucketObjectv2"


def deletes_with(thing: Thing, there: Iterable[Thing]) -> list[Thing]:
    """Refuse as AWS would; else what goes with it: a bucket's objects, where the program says so."""
    inputs = clear(thing.inputs)
    if thing.type in GUARDED and inputs.get("deletionProtection"):
        raise CloudError(f"{thing.type} {thing.id} has deletion protection")
    if thing.type == BUCKET:
        objects = [each for each in there if each.type == OBJECT and each.inputs.get("bucket") == thing.id]
        if objects and not inputs.get("forceDestroy"):
            raise CloudError(f"BucketNotEmpty: {thing.id} holds {len(objects)} objects")
        return objects
    output, users = USED.get(thing.type, ("id", ()))
    value = thing.id if output == "id" else thing.outputs[output]
    for user in there:
        for type_, path in users:
            if user.type == type_ and value in _values(clear(user.inputs), path):
                raise CloudError(f"DependencyViolation: {thing.type} {value} is used by {type_} {user.id}")
    return []


def _values(inputs: Any, path: str) -> Iterator[Any]:
    for step in path.split("."):
        inputs = cast("dict[str, Any]", inputs or {}).get(step)
    yield from cast("list[Any]", inputs) if isinstance(inputs, list) else [inputs]
