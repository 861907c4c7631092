"""A stack on a real API server: real Kubernetes provider, admission, scheduling, controllers, and Helm."""

from __future__ import annotations

from typing import Any

import pytest

from plan import plan_stack
from plan.values import RELEASE_TYPE
from tests.engine.conftest import Deployed

pytestmark = pytest.mark.engine

NAMESPACES = ("airflow", "keda")


def pods_of(deployed: Deployed) -> list[dict[str, Any]]:
    return [pod for space in NAMESPACES for pod in deployed.cluster.api.list(f"/api/v1/namespaces/{space}/pods")]


def name_of(thing: dict[str, Any]) -> str:
    return thing["metadata"]["name"]


def test_it_deploys_and_then_nothing_changes(deployed: Deployed) -> None:
    """`up` creates everything; then the program, the cluster and the state are of one mind."""
    for step, outcome in deployed.outcomes.items():
        assert outcome.code == 0, f"{step}:\n{outcome.output}"
    assert set(deployed.outcomes["up"].changes) == {"create"}
    for step in ("preview", "refresh"):
        assert set(deployed.outcomes[step].changes) == {"same"}, deployed.outcomes[step].output


def test_every_pod_runs_where_it_was_asked_to(deployed: Deployed) -> None:
    """Each pod was admitted under `restricted`, stands on a node of the capacity that it asks for, and is ready."""
    nodes = {name_of(node): node["metadata"]["labels"] for node in deployed.cluster.api.list("/api/v1/nodes")}
    pods = pods_of(deployed)
    assert len(pods) >= 10
    for pod in pods:
        assert pod["status"]["phase"] in {"Running", "Succeeded"}, name_of(pod)
        labels = nodes[pod["spec"]["nodeName"]]
        assert pod["spec"]["nodeSelector"].items() <= labels.items(), name_of(pod)


def test_every_workload_is_complete(deployed: Deployed) -> None:
    """Each deployment has as many ready pods as it wants: no quota, policy or admission keeps one away."""
    for space in NAMESPACES:
        deployments = deployed.cluster.api.list(f"/apis/apps/v1/namespaces/{space}/deployments")
        assert deployments
        for each in deployments:
            assert each["status"].get("readyReplicas", 0) == each["spec"]["replicas"], name_of(each)


def test_the_objects_are_those_of_the_plan(deployed: Deployed) -> None:
    """Every Kubernetes object of the plan exists under the name and in the namespace that the plan shows."""
    deployment = plan_stack(deployed.name)
    plurals = {
        "kubernetes:core/v1:ConfigMap": "/api/v1/namespaces/{namespace}/configmaps/{name}",
        "kubernetes:core/v1:Namespace": "/api/v1/namespaces/{name}",
        "kubernetes:core/v1:Secret": "/api/v1/namespaces/{namespace}/secrets/{name}",
        "kubernetes:eks.amazonaws.com/v1:NodeClass": "/apis/eks.amazonaws.com/v1/nodeclasses/{name}",
        "kubernetes:karpenter.sh/v1:NodePool": "/apis/karpenter.sh/v1/nodepools/{name}",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy": (
            "/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies/{name}"
        ),
    }
    wanted = [
        each for each in deployment.resources if each.type.startswith("kubernetes:") and each.type != RELEASE_TYPE
    ]
    for each in wanted:
        metadata = each.plain_inputs["metadata"]
        where = plurals[each.type].format_map({"namespace": "", **metadata})
        assert deployed.cluster.api.get(where) is not None, each.urn


def test_a_disruption_never_meets_two_budgets(deployed: Deployed) -> None:
    """No pod is selected by two disruption budgets: with two, no eviction ever succeeds and no node drains."""
    for space in NAMESPACES:
        budgets = deployed.cluster.api.list(f"/apis/policy/v1/namespaces/{space}/poddisruptionbudgets")
        chosen = [each["spec"]["selector"]["matchLabels"] for each in budgets]
        for pod in deployed.cluster.api.list(f"/api/v1/namespaces/{space}/pods"):
            labels: dict[str, str] = pod["metadata"].get("labels", {})
            assert sum(each.items() <= labels.items() for each in chosen) <= 1, name_of(pod)


def test_destroy_leaves_nothing_in_cluster_and_cloud(deployed: Deployed) -> None:
    """Without protection `pulumi destroy` succeeds at once, in an order that AWS accepts, and nothing is left.

    Stands last: it ends the stack.
    """
    stage, api = deployed.stage, deployed.cluster.api
    if deployed.name == "prod":
        stage.project.configure("prod", {"alisio:production": False, "alisio:protect": False})
        unprotected = stage.engine.up("prod")
        assert unprotected.code == 0, unprotected.output
        assert set(unprotected.touched) <= {"update"}, unprotected.touched
    outcome = stage.engine.destroy(deployed.name)
    assert outcome.code == 0, outcome.output
    assert stage.world.cloud.things == []
    assert not {name_of(space) for space in api.list("/api/v1/namespaces")} & set(NAMESPACES)
    assert api.list("/apis/apps/v1/deployments") == []
    assert api.list("/apis/karpenter.sh/v1/nodepools") == []
    assert api.list("/apis/eks.amazonaws.com/v1/nodeclasses") == []
