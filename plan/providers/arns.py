"""Amazon Resource Names as AWS writes them, so that policies in a plan read like policies in the account."""

from __future__ import annotations

from typing import Final

# By type token: the resource part of the ARN, where it is not simply `<kind>/<name>`.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
RESOURCE_PART: Final = {
    "aws:acm/certificate:Certificate": "certificate/{uuid}",
    "aws:cloudwatch/logGroup:LogGroup": "log-group:{name}",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "alarm:{name}",
    "aws:cognito/userPool:UserPool": "userpool/{id}",
    "aws:ec2/eip:Eip": "elastic-ip/{id}",
    "aws:ec2/flowLog:FlowLog": "vpc-flow-log/{id}",
    "aws:ec2/internetGateway:InternetGateway": "internet-gateway/{id}",
    "aws:ec2/launchTemplate:LaunchTemplate": "launch-template/{id}",
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
    "aws:iam/instanceProfile:InstanceProfile": "instance-profile{path}{name}",
    "aws:iam/policy:Policy": "policy{path}{name}",
    "aws:iam/role:Role": "role{path}{name}",
    "aws:iam/user:User": "user{path}{name}",
    "aws:kms/alias:Alias": "{name}",
    "aws:kms/key:Key": "key/{uuid}",
    "aws:lambda/function:Function": "function:{name}",
    "aws:lb/loadBalancer:LoadBalancer": "loadbalancer/app/{name}/{hex16}",
    "aws:lb/targetGroup:TargetGroup": "targetgroup/{name}/{hex16}",
    "aws:rds/instance:Instance": "db:{name}",
    "aws:rds/parameterGroup:ParameterGroup": "pg:{name}",
    "aws:rds/subnetGroup:SubnetGroup": "subgrp:{name}",
    "aws:s3/bucket:Bucket": "{name}",
    "aws:secretsmanager/secret:Secret": "secret:{name}-{hex6}",
    "aws:sns/topic:Topic": "{name}",
    "aws:sqs/queue:Queue": "{name}",
}
SERVICE: Final = {"cloudwatch/logGroup": "logs", "lb": "elasticloadbalancing", "alb": "elasticloadbalancing"}
GLOBAL_SERVICES: Final = frozenset({"cloudfront", "iam", "route53", "s3"})
WITHOUT_ACCOUNT: Final = frozenset({"route53", "s3"})


def partition_of(region: str) -> str:
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def make_arn(token: str, *, region: str, account: str, parts: dict[str, str]) -> str:
    """The ARN of a resource of this type; `parts` fill the placeholders above."""
    module = token.split(":")[1]
    namespace, _, kind = module.partition("/")
    service = SERVICE.get(module) or SERVICE.get(namespace) or namespace
    resource = RESOURCE_PART.get(token, kind.lower() + "/{name}").format_map(parts)
    where = "" if service in GLOBAL_SERVICES else region
    owner = "" if service in WITHOUT_ACCOUNT else account
    return f"arn:{partition_of(region)}:{service}:{where}:{owner}:{resource}"
