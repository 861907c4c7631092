"""A stack on a real API server: real Kubernetes provider, admission, scheduling, controllers, and Helm."""

from __future__ import annotations

import time
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


def held(deployed: Deployed) -> dict[tuple[str, str], tuple[str, Any]]:
    """The program's own Secrets and ConfigMaps by namespace and name: which object it is, and what it holds."""
    plan = plan_stack(deployed.name)
    ours = [*plan.of_type("kubernetes:core/v1:Secret"), *plan.of_type("kubernetes:core/v1:ConfigMap")]
    found: dict[tuple[str, str], tuple[str, Any]] = {}
    for each in ours:
        namespace, name = (each.plain_inputs["metadata"][key] for key in ("namespace", "name"))
        kind = "secrets" if each.type.endswith("Secret") else "configmaps"
        there = deployed.cluster.api.get(f"/api/v1/namespaces/{namespace}/{kind}/{name}")
        assert there is not None, f"{namespace}/{name}"
        found[namespace, name] = (there["metadata"]["uid"], there["data"])
    return found


def wait_until_jobs_are_gone(deployed: Deployed) -> None:
    """A finished job stays for a minute, and Helm cannot change one."""
    ends = time.monotonic() + 180
    while deployed.cluster.api.list("/apis/batch/v1/namespaces/airflow/jobs"):
        assert time.monotonic() < ends, "the jobs of the chart do not go away"
        time.sleep(1)


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
        "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding": (
            "/apis/eks.amazonaws.com/v1/namespaces/{namespace}/targetgroupbindings/{name}"
        ),
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


def test_what_pods_read_is_changed_in_place_and_rolls_those_that_read_it_once(deployed: Deployed) -> None:
    """Another key, another code of ours and another CA bundle: each object stays the one that it is, so no pod finds it
    missing, and the pods of every Deployment of Airflow are made anew, because they read the first two at their start.
    Schedulers that somebody had stopped before, as the runbook says, run again.
    """
    project, name, before = deployed.stage.project, deployed.name, held(deployed)
    project.configure(name, {"alisio:airflow.fernetKeys": ["next", "first"]})
    chart = project.own("chart")
    for file, change in (("rds-global-bundle.pem", "# one more\n"), ("../refused.py", "# changed\n")):
        with (chart / file).open("a", encoding="utf-8") as text:
            text.write(change)
    wait_until_jobs_are_gone(deployed)
    schedulers = "/apis/apps/v1/namespaces/airflow/deployments/airflow-scheduler"
    deployed.cluster.api.merge(schedulers, {"spec": {"replicas": 0}})
    outcome = deployed.stage.engine.up(name)
    assert outcome.code == 0, outcome.output
    assert {op for op in outcome.touched if "replace" in op or "delete" in op} == set(), outcome.touched
    again = deployed.cluster.api.get(schedulers)
    assert again is not None
    assert again["spec"]["replicas"] > 0
    after = held(deployed)
    changed = {key for key, (_, content) in before.items() if after[key][1] != content}
    assert {key: uid for key, (uid, _) in before.items()} == {key: uid for key, (uid, _) in after.items()}
    assert changed == {
        *(("airflow", name) for name in ("alisio-fernet", "alisio-runtime", "rds-ca-bundle")),
        ("keda", "rds-ca-bundle"),
    }
    checksums = {
        key: {
            each["spec"]["template"]["metadata"]["annotations"][f"checksum/alisio-{key}"]
            for each in deployed.cluster.api.list("/apis/apps/v1/namespaces/airflow/deployments")
        }
        for key in ("secrets", "runtime")
    }
    for pod in deployed.cluster.api.list("/api/v1/namespaces/airflow/pods"):
        if pod["metadata"]["ownerReferences"][0]["kind"] == "ReplicaSet":
            annotations = pod["metadata"]["annotations"]
            assert {key: {annotations[f"checksum/alisio-{key}"]} for key in checksums} == checksums, name_of(pod)
