"""The order of creation, which backwards is the order of deletion."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from plan import Deployment, Resource, plan_stack
from tests.program.facts import minutes

RELEASE = "kubernetes:helm.sh/v3:Release"


def below(deployment: Deployment, component: str) -> list[Resource]:
    """Every resource below the component of a type."""
    top = deployment.one(component)
    return [each for each in deployment.resources if top in deployment.ancestors(each)]


def missing(deployment: Deployment, resource: Resource, needs: Iterable[Resource]) -> list[str]:
    """Which of these need not exist before the resource does."""
    needs = list(needs)
    assert needs, f"nothing to look for before {resource.name}"
    before = deployment.upstream(resource)
    return [each.urn for each in needs if each.urn not in before]


def in_namespace(deployment: Deployment, token: str, namespace: str) -> list[Resource]:
    return [each for each in deployment.of_type(token) if each.inputs["metadata"].get("namespace") == namespace]


def airflow(deployment: Deployment) -> Resource:
    return deployment.one(RELEASE, f"alisio-{deployment.stack}-airflow")


def keda(deployment: Deployment) -> Resource:
    return deployment.one(RELEASE, f"alisio-{deployment.stack}-airflow-keda")


@pytest.mark.parametrize(
    "token",
    [
        # Identity is injected at admission: a pod that is there before has none, for good.
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:rds/instance:Instance",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "kubernetes:core/v1:Namespace",
        "kubernetes:core/v1:ConfigMap",
        "kubernetes:core/v1:Secret",
        "kubernetes:karpenter.sh/v1:NodePool",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    ],
)
def test_airflow_starts_when_all_it_needs_is_there(any_run: Deployment, token: str) -> None:
    """Airflow's release comes after every resource of these kinds. It does not wait for the way in from outside."""
    door = below(any_run, "alisio:aws:Ingress")
    assert missing(any_run, airflow(any_run), [each for each in any_run.of_type(token) if each not in door]) == []


def test_airflow_starts_after_its_scaler(any_run: Deployment) -> None:
    """KEDA's custom resources exist before the chart uses them, and KEDA goes after the last ScaledObject."""
    assert missing(any_run, airflow(any_run), [keda(any_run)]) == []


def test_airflow_starts_after_the_agent_that_takes_its_metrics(any_run: Deployment) -> None:
    """A process asks once for the agent's name. Without an answer it stays silent for good, and its alarms fire."""
    agent = any_run.one("aws:eks/addon:Addon", f"alisio-{any_run.stack}-telemetry")
    assert missing(any_run, airflow(any_run), [agent]) == []


def test_the_agent_starts_with_its_role_and_its_log_groups(any_run: Deployment) -> None:
    """It may make no log group. So it comes after them, and they go after it. And it needs a node."""
    mine = below(any_run, "alisio:aws:Telemetry")
    agent = any_run.one("aws:eks/addon:Addon", f"alisio-{any_run.stack}-telemetry")
    needs = [each for each in mine if each.custom and each is not agent and "alias" not in each.type]
    assert missing(any_run, agent, [*needs, *any_run.of_type("kubernetes:karpenter.sh/v1:NodePool")]) == []


def test_keda_starts_in_a_namespace_that_is_closed(any_run: Deployment) -> None:
    """KEDA comes after its namespace, its policies, its CA bundle and the nodes.

    It does not wait for the database, which takes longest to make: KEDA asks it only when Airflow has an autoscaler.
    """
    needs = [
        any_run.one("kubernetes:core/v1:Namespace", f"alisio-{any_run.stack}-airflow-keda-namespace"),
        *in_namespace(any_run, "kubernetes:core/v1:ConfigMap", "keda"),
        *in_namespace(any_run, "kubernetes:networking.k8s.io/v1:NetworkPolicy", "keda"),
        *any_run.of_type("kubernetes:karpenter.sh/v1:NodePool"),
    ]
    assert missing(any_run, keda(any_run), needs) == []
    assert missing(any_run, keda(any_run), [any_run.one("aws:rds/instance:Instance")]) != []


def test_objects_come_after_their_namespace(any_run: Deployment) -> None:
    """Whatever lies in a namespace of ours is made after it."""
    namespaces = {each.inputs["metadata"]["name"]: each for each in any_run.of_type("kubernetes:core/v1:Namespace")}
    objects = [each for each in any_run.resources if each.type.startswith("kubernetes:") and "metadata" in each.inputs]
    homes = [(each, each.inputs["metadata"].get("namespace")) for each in objects]
    inside = [(each, namespaces[home]) for each, home in homes if home in namespaces]
    assert len(inside) > 20
    for each, home in inside:
        assert missing(any_run, each, [home]) == []


@pytest.mark.parametrize("grace", [30, 1380])
def test_a_namespace_waits_for_the_tasks_in_it(grace: int) -> None:
    """A destroy does not fail while workers finish: Pulumi waits longer for the namespace than any worker group."""
    groups = [{"name": "short", "graceMinutes": 5}, {"name": "long", "graceMinutes": grace}]
    deployment = plan_stack("dev", config_overrides={"airflow": {"workerGroups": groups}})
    namespace = deployment.one("kubernetes:core/v1:Namespace", "alisio-dev-airflow-namespace")
    assert minutes(namespace.custom_timeouts["delete"]) > grace


def test_the_cluster_stays_reachable_until_helm_has_uninstalled(any_run: Deployment) -> None:
    """The provider comes after the access of people, and the releases after that and the nodes' access."""
    entries = any_run.of_type("aws:eks/accessEntry:AccessEntry")
    policies = any_run.of_type("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    people = [each for each in (*entries, *policies) if each.name != f"alisio-{any_run.stack}-node"]
    provider = any_run.one("pulumi:providers:kubernetes")
    if any_run.stack == "prod":
        assert missing(any_run, provider, people) == []
    assert missing(any_run, provider, [any_run.one("eks:index:Cluster")]) == []
    for release in (airflow(any_run), keda(any_run)):
        assert missing(any_run, release, [*entries, *policies, provider]) == []


def test_the_network_outlives_the_cluster(any_run: Deployment) -> None:
    """Routes, NAT and endpoints go after the cluster: what it leaves in them would keep the VPC from being deleted."""
    network = [each for each in below(any_run, "alisio:aws:Network") if each.custom]
    assert len(network) > 20
    assert missing(any_run, any_run.one("eks:index:Cluster"), network) == []


def test_nodes_come_after_what_rules_them(any_run: Deployment) -> None:
    """No pod is placed before network policies are enforced and before its node may join."""
    name = f"alisio-{any_run.stack}"
    rules = [
        any_run.one("kubernetes:core/v1:ConfigMap", f"{name}-network-policies"),
        any_run.one("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", f"{name}-node"),
        any_run.one("kubernetes:eks.amazonaws.com/v1:NodeClass"),
        *(
            each
            for each in any_run.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
            if "-node-" in each.name
        ),
    ]
    for pool in any_run.of_type("kubernetes:karpenter.sh/v1:NodePool"):
        assert missing(any_run, pool, rules) == []


@pytest.mark.parametrize(
    ("token", "groups"),
    [
        ("eks:index:Cluster", "alisio-{}-control-plane"),
        ("aws:rds/instance:Instance", "alisio-{}-data-store-"),
        ("aws:elasticache/replicationGroup:ReplicationGroup", "alisio-{}-cache-"),
        ("aws:ec2/flowLog:FlowLog", "alisio-{}-network-flow-logs"),
    ],
)
def test_log_groups_are_there_before_who_writes_to_them(any_run: Deployment, token: str, groups: str) -> None:
    """AWS would make a log group that is not encrypted, is kept for ever, and outlives `pulumi destroy`."""
    start = groups.format(any_run.stack)
    needs = [each for each in any_run.of_type("aws:cloudwatch/logGroup:LogGroup") if each.name.startswith(start)]
    assert missing(any_run, any_run.one(token), needs) == []


def test_roles_are_usable_before_they_are_used(any_run: Deployment) -> None:
    """Enhanced monitoring and flow logs start when their role has its policy."""
    database, flows = any_run.one("aws:rds/instance:Instance"), any_run.one("aws:ec2/flowLog:FlowLog")
    monitoring = any_run.one(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", f"alisio-{any_run.stack}-data-store-monitoring"
    )
    policy = any_run.one("aws:iam/rolePolicy:RolePolicy", f"alisio-{any_run.stack}-network-flow-logs")
    assert missing(any_run, database, [monitoring]) == []
    assert missing(any_run, flows, [policy]) == []
