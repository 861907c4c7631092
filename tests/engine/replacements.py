"""Which properties cannot change: a new value makes the provider replace the resource. All others are updated in place.

Of AWS: `ForceNew` and `RequiresReplace` in the schemas of the Terraform provider that `pulumi_aws` bridges, below
https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service. The comments name the file where the
answer is not what one would think. Of Kubernetes: `forceNewProperties` in
https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/diff.go. Of random: every property, as
https://github.com/terraform-providers/terraform-provider-random knows no update.

A path covers what is below it, but for one that ends with `!`: there the property itself must come or go. List indices
are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

EVERYTHING: Final = ("",)
BUCKET: Final = ("bucket",)
# Every type that a stack registers must be here, those without such a property too: a test sees to it.
AWS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:cloudwatch/logGroup:LogGroup": ("name", "namePrefix", "logGroupClass"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ("vpcId",),
    "aws:ec2/eip:Eip": ("domain", "address", "customerOwnedIpv4Pool", "networkBorderGroup", "publicIpv4Pool"),
    # ec2/vpc_flow_log.go: AWS has no call to change one; tags alone are updated.
    "aws:ec2/flowLog:FlowLog": (
        *("deliverCrossAccountRole", "destinationOptions", "eniId", "iamRoleArn", "logDestination"),
        *("logDestinationType", "logFormat", "maxAggregationInterval", "subnetId", "trafficType", "vpcId"),
    ),
    # ec2/vpc_internet_gateway.go: it is detached and attached, not replaced.
    "aws:ec2/internetGateway:InternetGateway": (),
    "aws:ec2/natGateway:NatGateway": ("allocationId", "connectivityType", "privateIp", "subnetId"),
    # ec2/vpc_route.go: where a route leads is updated, what it is for is not.
    "aws:ec2/route:Route": (
        *("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId", "routeTableId"),
    ),
    "aws:ec2/routeTable:RouteTable": ("vpcId",),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": ("gatewayId", "subnetId"),
    # ec2/vpc_security_group.go: a new description is a new group.
    "aws:ec2/securityGroup:SecurityGroup": ("description", "name", "namePrefix", "vpcId"),
    "aws:ec2/subnet:Subnet": (
        *("availabilityZone", "availabilityZoneId", "cidrBlock", "ipv6Native", "outpostArn", "vpcId"),
    ),
    "aws:ec2/vpc:Vpc": ("cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": (
        *("resourceConfigurationArn", "serviceName", "serviceNetworkArn", "serviceRegion", "vpcEndpointType", "vpcId"),
    ),
    "aws:eks/accessEntry:AccessEntry": ("clusterName", "principalArn", "type"),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": EVERYTHING,
    "aws:eks/addon:Addon": ("addonName", "clusterName"),
    # eks/cluster.go: subnets and security groups are updated; encryption that is given up is a new cluster, while EKS
    # refuses another key without a word of the provider's.
    "aws:eks/cluster:Cluster": (
        *("accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons"),
        *("computeConfig.nodeRoleArn", "encryptionConfig!", "kubernetesNetworkConfig.ipFamily"),
        *("kubernetesNetworkConfig.serviceIpv4Cidr", "name", "outpostConfig", "remoteNetworkConfig", "roleArn"),
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": ("clusterName", "namespace", "serviceAccount"),
    # elasticache/parameter_group.go: a new description is a new group.
    "aws:elasticache/parameterGroup:ParameterGroup": ("description", "family", "name"),
    # elasticache/replication_group.go; a change of engine from redis to valkey is an update, an older version is not.
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        *("atRestEncryptionEnabled", "dataTieringEnabled", "globalReplicationGroupId", "kmsKeyId", "networkType"),
        *("port", "replicationGroupId", "securityGroupNames", "snapshotArns", "snapshotName", "subnetGroupName"),
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": ("name",),
    "aws:iam/role:Role": ("name", "namePrefix", "path"),
    "aws:iam/rolePolicy:RolePolicy": ("name", "namePrefix", "role"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("policyArn", "role"),
    "aws:kms/alias:Alias": ("name", "namePrefix"),
    "aws:kms/key:Key": ("customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"),
    # rds/instance.go: the identifier is renamed, and another subnet group moved to, in place.
    "aws:rds/instance:Instance": (
        *("availabilityZone", "backupTarget", "characterSetName", "customIamInstanceProfile", "dbName", "engine"),
        *("identifierPrefix", "kmsKeyId", "ncharCharacterSetName", "restoreToPointInTime", "s3Import"),
        *("snapshotIdentifier", "storageEncrypted", "timezone", "username"),
    ),
    "aws:rds/parameterGroup:ParameterGroup": ("description", "family", "name", "namePrefix"),
    "aws:rds/subnetGroup:SubnetGroup": ("name", "namePrefix"),
    "aws:s3/bucket:Bucket": ("bucket", "bucketPrefix", "objectLockEnabled"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": BUCKET,
    "aws:s3/bucketNotification:BucketNotification": BUCKET,
    "aws:s3/bucketObjectv2:BucketObjectv2": ("bucket", "key"),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": BUCKET,
    "aws:s3/bucketPolicy:BucketPolicy": BUCKET,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": BUCKET,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": BUCKET,
    "aws:s3/bucketVersioning:BucketVersioning": BUCKET,
    "aws:sqs/queue:Queue": ("fifoQueue", "name", "namePrefix"),
    "aws:sqs/queuePolicy:QueuePolicy": ("queueUrl",),
    "aws:sqs/redrivePolicy:RedrivePolicy": ("queueUrl",),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ("securityGroupId",),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ("securityGroupId",),
}
IDENTITY: Final = ("apiVersion", "kind", "metadata.name", "metadata.namespace")
KUBERNETES: Final[Mapping[str, tuple[str, ...]]] = {
    # Unless the provider is told `enableConfigMapMutable`; then pods that mount one would see it change under them.
    "kubernetes:core/v1:ConfigMap": (*IDENTITY, "binaryData", "data"),
    # Unless the provider is told `enableSecretMutable`.
    "kubernetes:core/v1:Secret": (*IDENTITY, "data", "stringData", "type"),
    # provider/pkg/provider/helm_release.go
    "kubernetes:helm.sh/v3:Release": ("name", "namespace"),
}


def is_known(type_: str) -> bool:
    """Whether the table has an answer for this type."""
    return type_ in AWS or type_.startswith(("kubernetes:", "random:"))


def forces(type_: str, path: str) -> bool:
    """Whether a new value at this path replaces the resource."""
    if type_.startswith("random:"):
        return True
    fixed = KUBERNETES.get(type_, IDENTITY) if type_.startswith("kubernetes:") else AWS[type_]
    plain = re.sub(r"\[\d+\]", "", path)
    return any(each in ("", plain, f"{plain}!") or plain.startswith(f"{each}.") for each in fixed)
