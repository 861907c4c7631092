"""Amazon Resource Names as AWS writes them, so that policies in a plan read like policies in the account."""

from __future__ import annotations

from typing import Final

# By type token: the resource part of the ARN, where it is not simply `<kind>/<name>`.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
RESOURCE_PART: Final = {
    "aws:acm/certificate:Certificate": "certificate/{uuid}",
    "aws:cloudwatch/logGroup:LogGroup": "log-group:{name}",
    "aws:ec2/eip:Eip": "elastic-ip/{id}",
    "aws:ec2/flowLog:FlowLog": "vpc-flow-log/{id}",
    "aws:ec2/internetGateway:InternetGateway": "internet-gateway/{id}",
    "aws:ec2/natGateway:NatGateway": "natgateway/{id}",
    "aws:ec2/routeTable:RouteTable": "route-table/{id}",
    "aws:ec2/securityGroup:SecurityGroup": "security-group/{id}",
    "aws:ec2/subnet:Subnet": "subnet/{id}",
    "aws:ec2/vpc:Vpc": "vpc/{id}",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "vpc-endpoint/{id}",
    "aws:eks/accessEntry:AccessEntry": "access-entry/{id}",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": "podidentityassociation/{id}",
    "aws:elasticache/parameterGroup:ParameterGroup": "parametergroup:{name}",
    "aws:elasticache/replicationGroup:ReplicationGroup": "replicationgroup:{name}",
    "aws:elasticache/subnetGroup:SubnetGroup": "subnetgroup:{name}",
    "aws:iam/role:Role": "role{path}{name}",
    "aws:kms/alias:Alias": "{name}",
    "aws:kms/key:Key": "key/{uuid}",
    # A listener's and a rule's have the load balancer's name and id in them, which its registration does not know.
    "aws:lb/listener:Listener": "listener/app/{name}/{hex16}",
    "aws:lb/listenerRule:ListenerRule": "listener-rule/app/{name}/{hex16}",
    "aws:lb/loadBalancer:LoadBalancer": "loadbalancer/app/{name}/{hex16}",
    "aws:lb/targetGroup:TargetGroup": "targetgroup/{name}/{hex16}",
    "aws:rds/instance:Instance": "db:{name}",
    "aws:rds/parameterGroup:ParameterGroup": "pg:{name}",
    "aws:rds/subnetGroup:SubnetGroup": "subgrp:{name}",
    "aws:s3/bucket:Bucket": "{name}",
    "aws:secretsmanager/secret:Secret": "secret:{name}-{hex6}",
    "aws:sqs/queue:Queue": "{name}",
    "aws:wafv2/webAcl:WebAcl": "regional/webacl/{name}/{uuid}",
}
SERVICE: Final = {
    "cloudwatch/logGroup": "logs",
    "lb/listener": "elasticloadbalancing",
    "lb/listenerRule": "elasticloadbalancing",
    "lb/loadBalancer": "elasticloadbalancing",
    "lb/targetGroup": "elasticloadbalancing",
}
"""By module: the service in the ARN, where it is not the module's first part."""
WITHOUT_REGION: Final = frozenset({"iam", "s3"})
WITHOUT_ACCOUNT: Final = frozenset({"s3"})


def make_arn(token: str, *, region: str, account: str, parts: dict[str, str]) -> str:
    """The ARN of a resource of this type; `parts` fill the placeholders above.

    The partition is always `aws`: settings allow no region of another one.
    """
    module = token.split(":")[1]
    namespace, _, kind = module.partition("/")
    service = SERVICE.get(module, namespace)
    resource = RESOURCE_PART.get(token, kind.lower() + "/{name}").format_map(parts)
    where = "" if service in WITHOUT_REGION else region
    owner = "" if service in WITHOUT_ACCOUNT else account
    return f"arn:aws:{service}:{where}:{owner}:{resource}"
