"""Every name in the cloud is within its limit, also where all settings that are in names are as long as allowed."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from plan import Deployment, Resource, plan_stack
from settings import SettingsError, read
from tests.program.conftest import CHECKOUT
from tests.program.facts import TOLD

API = "https://docs.aws.amazon.com"
CHATBOT = f"{API}/chatbot/latest/APIReference/API_CreateSlackChannelConfiguration.html"
CLOUDWATCH = f"{API}/AmazonCloudWatch/latest/APIReference"
COGNITO = f"{API}/cognito-user-identity-pools/latest/APIReference"
LIMITS: dict[str, tuple[str, int, str]] = {
    # Type -> the property that holds the physical name, the longest that AWS takes, and where AWS says so.
    "aws:budgets/budget:Budget": (
        "name",
        100,
        f"{API}/aws-cost-management/latest/APIReference/API_budgets_Budget.html",
    ),
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": ("configurationName", 128, CHATBOT),
    "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration": ("configurationName", 128, CHATBOT),
    "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": ("name", 255, f"{CLOUDWATCH}/API_PutAlarmMuteRule.html"),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": ("alarmName", 255, f"{CLOUDWATCH}/API_PutCompositeAlarm.html"),
    "aws:cloudwatch/dashboard:Dashboard": ("dashboardName", 255, f"{CLOUDWATCH}/API_PutDashboard.html"),
    "aws:cloudwatch/eventRule:EventRule": ("name", 64, f"{API}/eventbridge/latest/APIReference/API_PutRule.html"),
    "aws:cloudwatch/logGroup:LogGroup": (
        "name",
        512,
        f"{API}/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("name", 255, f"{CLOUDWATCH}/API_PutMetricAlarm.html"),
    "aws:cognito/userGroup:UserGroup": ("name", 128, f"{COGNITO}/API_CreateGroup.html"),
    "aws:cognito/userPool:UserPool": ("name", 128, f"{COGNITO}/API_CreateUserPool.html"),
    "aws:cognito/userPoolClient:UserPoolClient": ("name", 128, f"{COGNITO}/API_CreateUserPoolClient.html"),
    "aws:cognito/userPoolDomain:UserPoolDomain": ("domain", 63, f"{COGNITO}/API_CreateUserPoolDomain.html"),
    "aws:ec2/securityGroup:SecurityGroup": (
        "name",
        255,
        f"{API}/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html",
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": (
        "serviceAccount",
        63,
        "https://kubernetes.io/docs/concepts/overview/working-with-objects/names/",
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": (
        "name",
        255,
        f"{API}/AmazonElastiCache/latest/dg/ParameterGroups.Creating.html",
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        "replicationGroupId",
        40,
        f"{API}/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html",
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": (
        "name",
        255,
        f"{API}/AmazonElastiCache/latest/APIReference/API_CreateCacheSubnetGroup.html",
    ),
    "aws:iam/role:Role": ("name", 64, f"{API}/IAM/latest/APIReference/API_CreateRole.html"),
    "aws:iam/rolePolicy:RolePolicy": ("name", 128, f"{API}/IAM/latest/APIReference/API_PutRolePolicy.html"),
    "aws:kms/alias:Alias": ("name", 256, f"{API}/kms/latest/APIReference/API_CreateAlias.html"),
    "aws:lb/loadBalancer:LoadBalancer": (
        "name",
        32,
        f"{API}/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html",
    ),
    "aws:lb/targetGroup:TargetGroup": (
        "name",
        32,
        f"{API}/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html",
    ),
    "aws:rds/instance:Instance": (
        "identifier",
        63,
        f"{API}/AmazonRDS/latest/APIReference/API_CreateDBInstance.html",
    ),
    "aws:rds/parameterGroup:ParameterGroup": (
        "name",
        255,
        f"{API}/AmazonRDS/latest/APIReference/API_CreateDBParameterGroup.html",
    ),
    "aws:rds/subnetGroup:SubnetGroup": (
        "name",
        255,
        f"{API}/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html",
    ),
    "aws:s3/bucket:Bucket": ("bucket", 63, f"{API}/AmazonS3/latest/userguide/bucketnamingrules.html"),
    "aws:sns/topic:Topic": ("name", 256, f"{API}/sns/latest/api/API_CreateTopic.html"),
    "aws:sqs/queue:Queue": ("name", 80, f"{API}/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html"),
    "aws:wafv2/webAcl:WebAcl": ("name", 128, f"{API}/waf/latest/APIReference/API_CreateWebACL.html"),
    "eks:index:Cluster": ("name", 100, f"{API}/eks/latest/APIReference/API_CreateCluster.html"),
}
NAMELESS = {
    # AWS gives an id, or the resource is a part of another one.
    "aws:acm/certificate:Certificate",
    "aws:acm/certificateValidation:CertificateValidation",
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:cognito/managedLoginBranding:ManagedLoginBranding",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/eip:Eip",
    "aws:ec2/flowLog:FlowLog",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/route:Route",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:eks/accessEntry:AccessEntry",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    "aws:eks/addon:Addon",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:kms/key:Key",
    "aws:lb/listener:Listener",
    "aws:lb/listenerRule:ListenerRule",
    # Its name is the domain, which the settings limit.
    "aws:route53/record:Record",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLogging:BucketLogging",
    "aws:s3/bucketNotification:BucketNotification",
    "aws:s3/bucketObjectv2:BucketObjectv2",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sns/topicSubscription:TopicSubscription",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:sqs/redrivePolicy:RedrivePolicy",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:wafv2/webAclAssociation:WebAclAssociation",
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
}
SNAPSHOTS = {
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSnapshot.html
    "aws:rds/instance:Instance": 255,
}
KUBERNETES_NAME = 63
"""A name that is also a label, such as that of a node pool or a namespace:
https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/"""
AROUND: dict[str, Any] = {
    "protect": False,
    "deployer": "arn:aws:iam::111122223333:role/deployer",
    "cluster": {"publicAccessCidrs": ["203.0.113.0/24"]},
}
INGRESS = {"domain": "airflow.example.com", "publicZoneId": "Z1"}
POOL: dict[str, Any] = {"cognito": {"domainPrefix": "my-company"}, "contact": "us"}
AWS = {"region": "eu-west-1", "allowed_account_ids": ["111122223333"]}


def accepted(stack: str, **settings: Any) -> bool:
    """Whether the settings take these."""
    try:
        read(
            project="alisio",
            stack=stack,
            own={**AROUND, **settings},
            aws={"region": AWS["region"], "allowedAccountIds": AWS["allowed_account_ids"]},
        )
    except SettingsError:
        return False
    return True


def longest(takes: Callable[[str], bool]) -> str:
    """The longest name that the settings take. What is too long stays so when it grows."""
    return "x" * (bisect_left(range(1, 201), 1, key=lambda length: not takes("x" * length)))


@cache
def extreme(stack: str) -> dict[str, Any]:
    """Settings of a stack in which every name is as long as it may be."""
    group = longest(lambda name: accepted(stack, airflow={"workerGroups": [{"name": name}]}))
    asset = longest(lambda name: accepted(stack, buckets={"watches": [{"prefix": "a/", "asset": name}]}))
    pool = longest(lambda name: accepted(stack, cluster={**AROUND["cluster"], "nodePools": [{"name": name}]}))
    key = longest(lambda name: accepted(stack, airflow={"fernetKeys": [name]}))
    prefix = longest(lambda name: accepted(stack, ingress=INGRESS, access={**POOL, "cognito": {"domainPrefix": name}}))
    pause = longest(lambda name: accepted(stack, monitoring={**TOLD, "pauses": [{**TOLD["pauses"][0], "name": name}]}))
    people = longest(lambda name: accepted(stack, ingress=INGRESS, access={**POOL, "roles": {name: "Admin"}}))
    return {
        "airflow": {
            "workerGroups": [{"name": group}],
            "fernetKeys": [key],
            "dags": {"publisher": "command", "githubRepository": "my-company/my-dags"},
        },
        "buckets": {"watches": [{"prefix": "a/", "asset": asset}], "accessLogBucket": "my-access-logs"},
        "cluster": {**AROUND["cluster"], "nodePools": [{"name": pool}]},
        "ingress": INGRESS,
        "access": {**POOL, "cognito": {"domainPrefix": prefix}, "roles": {people: "Admin"}},
        "monitoring": {**TOLD, "pauses": [{**TOLD["pauses"][0], "name": pause}]},
        "administrators": [
            f"arn:aws:iam::111122223333:{each}" for each in ("role/admin", "role/a/admin", "user/admin")
        ],
        "viewers": ["arn:aws:iam::444455556666:role/admin"],
    }


@pytest.fixture(scope="module", params=["dev", longest(accepted)])
def at_its_longest(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A short stack with the longest names that it may have, and a stack with the longest name."""
    project = tmp_path_factory.mktemp("project")
    for path in CHECKOUT.iterdir():
        if not path.name.startswith((".", "Pulumi.")):
            (project / path.name).symlink_to(path)
    (project / "Pulumi.yaml").symlink_to(CHECKOUT / "Pulumi.yaml")
    stack_file(project, request.param)
    return plan_stack(request.param, project_dir=project)


def stack_file(project: Path, stack: str) -> None:
    """A stack's file in JSON, which is YAML too."""
    own = {f"alisio:{key}": value for key, value in {**AROUND, **extreme(stack)}.items()}
    aws = {"aws:region": AWS["region"], "aws:allowedAccountIds": AWS["allowed_account_ids"]}
    (project / f"Pulumi.{stack}.yaml").write_text(json.dumps({"config": {**aws, **own}}))


def physical_name(resource: Resource) -> str:
    """The name in the cloud, with the suffix that Pulumi adds."""
    name, _, _ = LIMITS[resource.type]
    return str(resource.outputs.get(name) or resource.plain_inputs[name])


def test_every_name_is_within_the_limit_of_aws(at_its_longest: Deployment) -> None:
    """What the settings take, AWS takes: no name is too long, whatever is part of it."""
    assert {
        resource.urn: f"{len(name)} characters: {name}"
        for resource in at_its_longest.resources
        if resource.type in LIMITS and len(name := physical_name(resource)) > LIMITS[resource.type][1]
    } == {}


def test_every_kind_of_the_plan_is_looked_at(at_its_longest: Deployment, stack: Deployment) -> None:
    """A kind of resource that is new has a line in the table, or has no name."""
    for deployment in (at_its_longest, stack):
        kinds = {each.type for each in deployment.resources if each.type.startswith(("aws:", "eks:"))}
        assert kinds - LIMITS.keys() - NAMELESS == set()
    kinds = {each.type for each in at_its_longest.resources}
    assert LIMITS.keys() - kinds == set()


def test_names_that_a_deletion_gives_fit_too(at_its_longest: Deployment) -> None:
    """The final snapshot is named when the instance goes: too late to be refused."""
    for token, limit in SNAPSHOTS.items():
        name = at_its_longest.one(token).plain_inputs["finalSnapshotIdentifier"]
        assert len(name) <= limit, name


def test_names_of_kubernetes_fit(at_its_longest: Deployment) -> None:
    """Names of namespaces and node pools are also values of labels."""
    for resource in at_its_longest.resources:
        if resource.type.startswith("kubernetes:") and "metadata" in resource.inputs:
            assert len(resource.inputs["metadata"]["name"]) <= KUBERNETES_NAME, resource.urn


def test_people_of_one_name_are_several(at_its_longest: Deployment) -> None:
    """Two people whose ARNs end alike have an access entry each: the plan itself refuses one URN for two resources."""
    entries = at_its_longest.of_type("aws:eks/accessEntry:AccessEntry")
    people = {each.inputs["principalArn"] for each in entries if each.inputs["type"] == "STANDARD"}
    assert people == {*extreme(at_its_longest.stack)["administrators"], *extreme(at_its_longest.stack)["viewers"]}
