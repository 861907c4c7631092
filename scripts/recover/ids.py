"""Ids that follow from the inputs of a resource, as its provider takes them for an import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

RELEASE: Final = "kubernetes:helm.sh/v3:Release"
# From the section "Import" of each type: https://www.pulumi.com/registry/packages/aws/api-docs/
# A test holds the table against these sections in the SDK, and against the types that the stacks register.
AWS: Final[Mapping[str, str]] = {
    "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration": "{teamId}",
    "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": "{name}",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "{alarmName}",
    "aws:cloudwatch/dashboard:Dashboard": "{dashboardName}",
    # On the bus `default`, where AWS's own events are.
    "aws:cloudwatch/eventRule:EventRule": "{name}",
    "aws:cloudwatch/logGroup:LogGroup": "{name}",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "{name}",
    "aws:cognito/userGroup:UserGroup": "{userPoolId}/{name}",
    "aws:cognito/userPoolDomain:UserPoolDomain": "{domain}",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "{subnetId}/{routeTableId}",
    "aws:eks/accessEntry:AccessEntry": "{clusterName}:{principalArn}",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": "{clusterName}#{principalArn}#{policyArn}",
    "aws:eks/addon:Addon": "{clusterName}:{addonName}",
    "aws:eks/cluster:Cluster": "{name}",
    "aws:elasticache/parameterGroup:ParameterGroup": "{name}",
    "aws:elasticache/replicationGroup:ReplicationGroup": "{replicationGroupId}",
    "aws:elasticache/subnetGroup:SubnetGroup": "{name}",
    "aws:iam/role:Role": "{name}",
    "aws:iam/rolePolicy:RolePolicy": "{role}:{name}",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "{role}/{policyArn}",
    "aws:kms/alias:Alias": "{name}",
    "aws:rds/instance:Instance": "{identifier}",
    "aws:rds/parameterGroup:ParameterGroup": "{name}",
    "aws:rds/subnetGroup:SubnetGroup": "{name}",
    "aws:route53/record:Record": "{zoneId}_{name}_{type}",
    "aws:s3/bucket:Bucket": "{bucket}",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "{bucket}",
    "aws:s3/bucketNotification:BucketNotification": "{bucket}",
    "aws:s3/bucketObjectv2:BucketObjectv2": "{bucket}/{key}",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "{bucket}",
    "aws:s3/bucketPolicy:BucketPolicy": "{bucket}",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "{bucket}",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "{bucket}",
    "aws:s3/bucketVersioning:BucketVersioning": "{bucket}",
    "aws:sns/topicPolicy:TopicPolicy": "{arn}",
    "aws:sqs/queuePolicy:QueuePolicy": "{queueUrl}",
    "aws:sqs/redrivePolicy:RedrivePolicy": "{queueUrl}",
    "aws:wafv2/webAclAssociation:WebAclAssociation": "{webAclArn},{resourceArn}",
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": "{resourceArn}",
}
ROUTE: Final = "aws:ec2/route:Route"
DESTINATIONS: Final = ("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId")


def import_id(type_: str, inputs: Mapping[str, Any]) -> str | None:
    """None where the cloud chooses the id. Names are among the inputs: providers choose them before they create."""
    if type_ == ROUTE:
        destination = next((inputs[key] for key in DESTINATIONS if inputs.get(key)), None)
        return f"{inputs['routeTableId']}_{destination}" if destination else None
    if type_ == RELEASE:
        return f"{inputs.get('namespace') or 'default'}/{inputs['name']}" if inputs.get("name") else None
    if type_.startswith("kubernetes:"):
        return _object_id(inputs.get("metadata"))
    try:
        return AWS[type_].format_map(inputs) if type_ in AWS else None
    except KeyError:
        # A name that nobody chose: then nobody knows it.
        return None


def _object_id(metadata: Any) -> str | None:
    """https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/: `namespace/name`, or `name`."""
    if not isinstance(metadata, Mapping) or not metadata.get("name"):  # pyright: ignore[reportUnknownMemberType]
        return None
    found: Mapping[str, Any] = metadata  # pyright: ignore[reportUnknownVariableType]
    return "/".join(str(found[key]) for key in ("namespace", "name") if found.get(key))
