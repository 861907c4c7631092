"""Of the AWS resource types that the stacks register: the properties that force a replacement.

`ForceNew`, `RequiresReplace` and `CustomizeDiff` of the Terraform provider that `pulumi_aws` bridges, below
https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service. The comments name the file where the
answer is not what one would think. `pulumi-aws` itself changes none of them (provider/resource_overrides.go).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.engine.forcing import (
    Change,
    Forcing,
    When,
    becomes_another,
    comes_or_goes,
    falls,
    goes,
    turns,
    version,
)  # fmt: skip

EVERYTHING: Final = ("",)
BUCKET: Final = ("bucket",)
OWNED_BUCKET: Final = ("bucket", "expectedBucketOwner")
# ec2/vpc_security_group_ingress_rule.go (ModifyPlan): another value is an update, another kind of source is not.
SECURITY_GROUP_RULE: Final = (
    "securityGroupId",
    *(When(each, comes_or_goes) for each in ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")),
)
IN_PLACE_ENCRYPTION: Final = (7, 0, 5)


def _is_no_interface(change: Change) -> bool:
    return change.new.get("vpcEndpointType", "Gateway") != "Interface"


def _gave_addresses(change: Change) -> bool:
    return change.old.get("assignIpv6AddressOnCreation") is True


def _leaves_tenancy(change: Change) -> bool:
    return not turns("dedicated", "default", default="default")(change)


def _is_before_in_place_encryption(change: Change) -> bool:
    given = change.new.get("engineVersion")
    return given is not None and version(given) < IN_PLACE_ENCRYPTION


# Every type that a stack registers must be here, those without such a property too: a test sees to it.
STACKS: Final[Mapping[str, tuple[Forcing, ...]]] = {
    "aws:cloudwatch/logGroup:LogGroup": ("name", "namePrefix", "logGroupClass"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ("vpcId",),
    "aws:ec2/eip:Eip": ("domain", "address", "ipamPoolId", "networkBorderGroup", "publicIpv4Pool"),
    # ec2/vpc_flow_log.go: AWS has no call to change one; tags alone are updated.
    "aws:ec2/flowLog:FlowLog": (
        *("deliverCrossAccountRole", "destinationOptions", "eniId", "iamRoleArn", "logDestination"),
        *("logDestinationType", "logFormat", "maxAggregationInterval", "regionalNatGatewayId", "subnetId"),
        *("tagFieldSpecifications", "trafficType", "transitGatewayAttachmentId", "transitGatewayId", "vpcId"),
    ),
    # ec2/vpc_internet_gateway.go: it is detached and attached, not replaced.
    "aws:ec2/internetGateway:InternetGateway": (),
    # ec2/vpc_nat_gateway.go: addresses of a regional one are updated, unless AWS chose them or shall from now on.
    "aws:ec2/natGateway:NatGateway": (
        *("allocationId", "availabilityMode", "connectivityType", "privateIp", "subnetId", "vpcId"),
        When("availabilityZoneAddresses", comes_or_goes),
    ),
    # ec2/vpc_route.go: where a route leads is updated, what it is for is not.
    "aws:ec2/route:Route": (
        *("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId", "routeTableId"),
    ),
    "aws:ec2/routeTable:RouteTable": ("vpcId",),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": ("gatewayId", "subnetId"),
    # ec2/vpc_security_group.go: a new description is a new group.
    "aws:ec2/securityGroup:SecurityGroup": ("description", "name", "namePrefix", "vpcId"),
    "aws:ec2/subnet:Subnet": (
        *("availabilityZone", "availabilityZoneId", "cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"),
        *("ipv6IpamPoolId", "ipv6Native", "ipv6NetmaskLength", "outpostArn", "vpcId"),
        When("ipv6CidrBlock", _gave_addresses),
    ),
    # ec2/vpc_.go: hosts of one's own can be given up, not taken.
    "aws:ec2/vpc:Vpc": (
        *("cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"),
        When("instanceTenancy", _leaves_tenancy),
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": (
        *("dnsOptions.privateDnsPreference", "dnsOptions.privateDnsSpecifiedDomains", "resourceConfigurationArn"),
        *("serviceName", "serviceNetworkArn", "serviceRegion", "vpcEndpointType", "vpcId"),
        When("privateDnsEnabled", _is_no_interface),
    ),
    "aws:eks/accessEntry:AccessEntry": ("clusterName", "principalArn", "type"),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": EVERYTHING,
    # https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateAddon.html does not take a namespace.
    "aws:eks/addon:Addon": ("addonName", "clusterName", "namespaceConfig"),
    # eks/cluster.go: subnets and security groups are updated. Encryption can come, and not go. Another key is no change
    # at all: the provider makes no call for it. The three flags of auto mode (computeConfig, storageConfig,
    # kubernetesNetworkConfig.elasticLoadBalancing) must change together, or the provider refuses the plan.
    "aws:eks/cluster:Cluster": (
        *("accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons"),
        *("kubernetesNetworkConfig.ipFamily", "kubernetesNetworkConfig.serviceIpv4Cidr", "name"),
        *("outpostConfig.controlPlaneInstanceType", "outpostConfig.controlPlanePlacement", "roleArn"),
        When("computeConfig.nodeRoleArn", becomes_another),
        When("encryptionConfig", goes),
        When("outpostConfig", comes_or_goes),
        When("vpcConfig.controlPlaneEgressMode", turns("CUSTOMER_ROUTED", "AWS_MANAGED", default="AWS_MANAGED")),
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": ("clusterName", "namespace", "serviceAccount"),
    # elasticache/parameter_group.go: a new description is a new group.
    "aws:elasticache/parameterGroup:ParameterGroup": ("description", "family", "name"),
    # elasticache/replication_group.go; some changes of `nodeGroupConfigurations` are updates. AWS takes
    # `transitEncryptionMode` to `required` by way of `preferred` only, and refuses the update otherwise.
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        *("atRestEncryptionEnabled", "dataTieringEnabled", "globalReplicationGroupId", "kmsKeyId", "networkType"),
        *("nodeGroupConfigurations", "port", "replicationGroupId", "securityGroupNames", "snapshotArns"),
        *("snapshotName", "subnetGroupName"),
        When("engine", turns("valkey", "redis", default="redis")),
        When("engineVersion", falls),
        When("transitEncryptionEnabled", _is_before_in_place_encryption),
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": ("name",),
    "aws:iam/role:Role": ("name", "namePrefix", "path"),
    "aws:iam/rolePolicy:RolePolicy": ("name", "namePrefix", "role"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("policyArn", "role"),
    "aws:kms/alias:Alias": ("name", "namePrefix"),
    "aws:kms/key:Key": ("customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"),
    # rds/instance.go: the identifier and its prefix are renamed, and another subnet group moved to, in place.
    "aws:rds/instance:Instance": (
        *("availabilityZone", "backupTarget", "characterSetName", "customIamInstanceProfile", "dbName", "engine"),
        *("kmsKeyId", "ncharCharacterSetName", "restoreToPointInTime", "s3Import", "snapshotIdentifier"),
        *("storageEncrypted", "timezone", "username"),
    ),
    "aws:rds/parameterGroup:ParameterGroup": ("description", "family", "name", "namePrefix"),
    "aws:rds/subnetGroup:SubnetGroup": ("name", "namePrefix"),
    # A bucket is made in its namespace: https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
    "aws:s3/bucket:Bucket": (
        *("bucket", "bucketNamespace", "bucketPrefix", "objectLockConfiguration.objectLockEnabled"),
        "objectLockEnabled",
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": OWNED_BUCKET,
    "aws:s3/bucketNotification:BucketNotification": BUCKET,
    "aws:s3/bucketObjectv2:BucketObjectv2": ("bucket", "key"),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": BUCKET,
    "aws:s3/bucketPolicy:BucketPolicy": BUCKET,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": BUCKET,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": OWNED_BUCKET,
    # s3/bucket_versioning.go refuses to go back to `Disabled` when it plans.
    "aws:s3/bucketVersioning:BucketVersioning": OWNED_BUCKET,
    "aws:sqs/queue:Queue": ("fifoQueue", "name", "namePrefix"),
    "aws:sqs/queuePolicy:QueuePolicy": ("queueUrl",),
    "aws:sqs/redrivePolicy:RedrivePolicy": ("queueUrl",),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": SECURITY_GROUP_RULE,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": SECURITY_GROUP_RULE,
}
