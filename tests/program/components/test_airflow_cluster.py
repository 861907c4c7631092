"""The cluster: reached by named people only, on nodes that spare running tasks."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, get_args

import pytest

from plan import Deployment, plan_stack
from scripts.late_logs import log_group_of
from settings.cluster import OWN_POOLS, InstanceCategory
from settings.stack_file import read_yaml
from tests.program.conftest import CHECKOUT, planned
from tests.program.facts import EXISTING_NETWORK, minutes, origins, subnets

CLUSTER = "eks:index:Cluster"
NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ENTRY = "aws:eks/accessEntry:AccessEntry"
ASSOCIATION = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
NEWEST_GENERATION = {"c": 8, "m": 8, "r": 8, "t": 4}
"""Of what Auto Mode supports: https://docs.aws.amazon.com/eks/latest/userguide/automode-learn-instances.html"""
ROLE = "arn:aws:iam::111122223333:role"


def control_plane(deployment: Deployment) -> dict[str, Any]:
    return deployment.one(CLUSTER).plain_inputs


def requirements(pool: dict[str, Any]) -> dict[str, Any]:
    return {each["key"]: each["values"] for each in pool["spec"]["template"]["spec"]["requirements"]}


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("version", "1.35"),
        ("authenticationMode", "API"),
        ("createOidcProvider", False),
        ("endpointPrivateAccess", True),
        ("endpointPublicAccess", True),
        ("publicAccessCidrs", ["203.0.113.0/24"]),
        ("enabledClusterLogTypes", ["api", "audit", "authenticator", "controllerManager", "scheduler"]),
        ("kubernetesServiceIpAddressRange", "172.20.0.0/16"),
        ("skipDefaultNodeGroup", True),
        ("upgradePolicy", {"supportType": "STANDARD"}),
    ],
)
def test_the_control_plane_is_as_decided(stack: Deployment, key: str, wanted: Any) -> None:
    """EKS gets what docs/architecture.md and the stack file say."""
    assert control_plane(stack)[key] == wanted


def test_auto_mode_brings_no_nodes_of_its_own(stack: Deployment) -> None:
    """Auto Mode is on without its built-in node pools, whose nodes would not enforce network policies."""
    auto = control_plane(stack)["autoMode"]
    assert auto["enabled"] is True
    assert not auto["computeConfig"].get("nodePools")


def test_no_add_on_waits_for_a_node_that_is_not_there(stack: Deployment) -> None:
    """Auto Mode brings DNS: EKS's component must not install CoreDNS, which would wait for nodes and fail."""
    assert control_plane(stack)["corednsAddonOptions"] == {"enabled": False}


@cache
def private() -> Deployment:
    """`prod` in somebody else's VPC, without a public endpoint, deployed by a runner inside."""
    config = read_yaml(CHECKOUT / "Pulumi.prod.yaml")["config"]["alisio:cluster"]
    runners = {"privateAccessCidrs": ["10.8.250.0/28"], "privateAccessSecurityGroupIds": ["sg-0123456789abcdef0"]}
    # Without a load balancer, which would be admitted too.
    closed = {"publicAccessCidrs": [], **runners}
    overrides = {"cluster": {**config, **closed}, "network": EXISTING_NETWORK, "ingress": None}
    return plan_stack("prod", config_overrides=overrides)


def test_without_named_networks_the_api_is_private() -> None:
    """An empty list closes the public endpoint; it never means everybody."""
    inputs = control_plane(private())
    assert inputs["endpointPublicAccess"] is False
    assert "publicAccessCidrs" not in inputs


def test_the_private_api_admits_who_the_settings_name() -> None:
    """One rule for each network and each security group opens 443 of the cluster's own group, and nothing more."""
    group = private().one(CLUSTER).outputs["clusterSecurityGroupId"]
    opened = [each.inputs for each in private().of_type(RULE) if each.inputs["securityGroupId"] == group]
    sources = [each.get("cidrIpv4") or each["referencedSecurityGroupId"] for each in opened]
    assert sources == ["10.8.250.0/28", "sg-0123456789abcdef0"]
    assert {(each["ipProtocol"], each["fromPort"], each["toPort"]) for each in opened} == {("tcp", 443, 443)}


def test_the_runner_is_admitted_before_anything_asks_the_api() -> None:
    """Kubernetes' provider comes after the rules: without them its first request waits until it fails."""
    provider = private().one("pulumi:providers:kubernetes")
    group = private().one(CLUSTER).outputs["clusterSecurityGroupId"]
    rules = [each.urn for each in private().of_type(RULE) if each.inputs["securityGroupId"] == group]
    assert rules
    assert set(rules) <= set(private().upstream(provider))


def test_kubernetes_secrets_are_encrypted_with_a_key_of_ours(stack: Deployment) -> None:
    """Envelope encryption by the cluster's own key."""
    key = stack.one("aws:kms/key:Key", f"alisio-{stack.stack}")
    assert control_plane(stack)["encryptionConfigKeyArn"] == key.outputs["arn"]


def test_control_plane_logs_go_where_eks_writes_them(stack: Deployment) -> None:
    """The log group has the name that EKS expects, and an end."""
    group = stack.one("aws:cloudwatch/logGroup:LogGroup", f"alisio-{stack.stack}-control-plane").inputs
    assert group["name"] == f"/aws/eks/{control_plane(stack)['name']}/cluster"
    assert group["retentionInDays"] == {"dev": 7, "prod": 365}[stack.stack]


def test_nodes_and_cluster_stand_in_private_subnets(stack: Deployment) -> None:
    """No node has a public address."""
    node_class = stack.one("kubernetes:eks.amazonaws.com/v1:NodeClass").inputs["spec"]
    assert origins(stack.one(CLUSTER), "privateSubnetIds") == {each.name for each in subnets(stack, "private")}
    assert "publicSubnetIds" not in control_plane(stack)
    assert [each["id"] for each in node_class["subnetSelectorTerms"]] == control_plane(stack)["privateSubnetIds"]
    assert node_class["securityGroupSelectorTerms"] == [{"id": stack.one(CLUSTER).outputs["clusterSecurityGroupId"]}]


def test_people_come_in_by_access_entries() -> None:
    """Named administrators administer, named viewers look, nodes join; nobody else has an entry."""
    entries = {
        name: {(each.inputs["principalArn"], each.inputs["type"]) for each in planned(name).of_type(ENTRY)}
        for name in ("dev", "prod")
    }
    nodes = {name: planned(name).one("aws:iam/role:Role", f"alisio-{name}-node").outputs["arn"] for name in entries}
    assert entries["dev"] == {(nodes["dev"], "EC2")}
    assert entries["prod"] == {
        (nodes["prod"], "EC2"),
        (f"{ROLE}/platform-admin", "STANDARD"),
        (f"{ROLE}/data-engineer", "STANDARD"),
    }
    grants = {
        each.inputs["principalArn"]: each.inputs["policyArn"].rpartition("/")[2]
        for each in planned("prod").of_type(ASSOCIATION)
    }
    assert grants == {
        nodes["prod"]: "AmazonEKSAutoNodePolicy",
        f"{ROLE}/platform-admin": "AmazonEKSClusterAdminPolicy",
        f"{ROLE}/data-engineer": "AmazonEKSViewPolicy",
    }


def test_the_provider_knows_its_cluster_by_name(any_run: Deployment) -> None:
    """With an identifier, a kubeconfig that is unknown in a preview replaces no object."""
    provider = any_run.one("pulumi:providers:kubernetes").plain_inputs
    assert provider["clusterIdentifier"] == f"alisio-{any_run.stack}"
    assert str(provider["enableServerSideApply"]).lower() == "true"


@pytest.mark.parametrize("option", ["enableConfigMapMutable", "enableSecretMutable"])
def test_what_pods_read_is_changed_in_place(any_run: Deployment, option: str) -> None:
    """A changed Secret or ConfigMap is never away: by default the provider deletes it before it makes it again."""
    assert str(any_run.one("pulumi:providers:kubernetes").plain_inputs.get(option)).lower() == "true"


def test_the_kubeconfig_holds_no_credential(stack: Deployment) -> None:
    """It fetches a token by the AWS CLI, as whoever runs it."""
    kubeconfig = json.loads(stack.one("pulumi:providers:kubernetes").plain_inputs["kubeconfig"])
    (user,) = kubeconfig["users"]
    assert set(user["user"]) == {"exec"}


def test_network_policies_are_enforced(any_run: Deployment) -> None:
    """Without this switch Kubernetes accepts every policy and heeds none."""
    switch = any_run.one("kubernetes:core/v1:ConfigMap", f"alisio-{any_run.stack}-network-policies").inputs
    assert switch["metadata"] == {"name": "amazon-vpc-cni", "namespace": "kube-system"}
    assert switch["data"] == {"enable-network-policy-controller": "true"}


def test_node_pools_are_as_the_file_says(stack: Deployment) -> None:
    """Capacity, architecture and limits of each pool, all of one node class."""
    pools = {each.inputs["metadata"]["name"]: each.inputs for each in stack.of_type(NODE_POOL)}
    limits = {"dev": ("16", "64Gi", "32", "128Gi"), "prod": ("64", "256Gi", "256", "1024Gi")}[stack.stack]
    assert set(pools) == {"core", "spot"}
    assert requirements(pools["core"])["karpenter.sh/capacity-type"] == ["on-demand"]
    assert requirements(pools["spot"])["karpenter.sh/capacity-type"] == ["spot"]
    found = [(each["spec"]["limits"]["cpu"], each["spec"]["limits"]["memory"]) for each in pools.values()]
    assert [*found[0], *found[1]] == list(limits)
    node_class = stack.one("kubernetes:eks.amazonaws.com/v1:NodeClass").inputs["metadata"]["name"]
    for pool in pools.values():
        assert pool["spec"]["template"]["spec"]["nodeClassRef"]["name"] == node_class
        assert requirements(pool)["kubernetes.io/arch"] == ["arm64"]


def test_every_family_that_settings_allow_has_nodes(stack: Deployment) -> None:
    """A pool of one family alone starts nodes: Auto Mode offers the family in a generation that the pool takes."""
    for pool in stack.of_type(NODE_POOL):
        (oldest,) = requirements(pool.inputs)["eks.amazonaws.com/instance-generation"]
        for family in get_args(InstanceCategory):
            assert NEWEST_GENERATION[family] > int(oldest), family


def test_no_name_is_eks_own(stack: Deployment) -> None:
    """EKS's built-in node class and node pools are changed by nobody but EKS."""
    names = {
        each.inputs["metadata"]["name"]
        for each in [*stack.of_type(NODE_POOL), stack.one("kubernetes:eks.amazonaws.com/v1:NodeClass")]
    }
    assert names.isdisjoint({"default", *OWN_POOLS})


def test_consolidation_spares_running_tasks(stack: Deployment) -> None:
    """Only empty nodes are given up, one at a time; an old node waits a day for its tasks."""
    for pool in stack.of_type(NODE_POOL):
        spec = pool.inputs["spec"]
        assert spec["disruption"]["consolidationPolicy"] == "WhenEmpty"
        assert spec["disruption"]["budgets"] == [{"nodes": "1"}]
        assert spec["template"]["spec"]["terminationGracePeriod"] == "24h"
        # EKS Auto Mode replaces every node after 21 days: https://docs.aws.amazon.com/eks/latest/userguide/auto-security.html
        assert int(spec["template"]["spec"]["expireAfter"].removesuffix("h")) <= 21 * 24


def test_a_pool_that_goes_may_take_as_long_as_its_nodes(stack: Deployment) -> None:
    """Pulumi waits longer for a node pool than its nodes wait for their pods; its own default is ten minutes."""
    for pool in stack.of_type(NODE_POOL):
        hours = int(pool.inputs["spec"]["template"]["spec"]["terminationGracePeriod"].removesuffix("h"))
        assert minutes(pool.custom_timeouts["delete"]) > hours * 60


def test_a_log_group_that_may_come_back_has_a_way_out(stack: Deployment) -> None:
    """A service writes its last events when its group is gone. Where it makes the group again, under the same name in
    the next life of the stack, `doctor` looks for it, and the operations manual says how to go on."""
    suffix = stack.one("random:index/randomId:RandomId").outputs["hex"]
    named_by_aws = [
        each.inputs["name"]
        for each in stack.of_type("aws:cloudwatch/logGroup:LogGroup")
        if each.inputs["name"].startswith("/aws/")
        and suffix not in each.inputs["name"]
        # Whoever writes to these may not make them: components/test_telemetry.py.
        and not each.inputs["name"].startswith("/aws/containerinsights/")
    ]
    manual = (CHECKOUT / "docs" / "operations.md").read_text()
    assert named_by_aws == [log_group_of(stack.stack)] == [f"/aws/eks/alisio-{stack.stack}/cluster"]
    assert "aws logs delete-log-group --log-group-name /aws/eks/alisio-<stack>/cluster" in manual


def test_metrics_are_served(stack: Deployment) -> None:
    """The metrics server is a managed add-on."""
    addon = stack.one("aws:eks/addon:Addon", f"alisio-{stack.stack}-metrics-server").inputs
    assert (addon["addonName"], addon["clusterName"]) == ("metrics-server", f"alisio-{stack.stack}")
