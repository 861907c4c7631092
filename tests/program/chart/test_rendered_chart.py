"""Airflow's chart as Helm would install it: valid, restricted and complete. Needs AIRFLOW_CHART."""

from __future__ import annotations

from typing import Any

import pytest

from chart.names import NAMESPACE
from plan import Deployment, plan_stack
from tests.program.conftest import planned
from tests.program.facts import MIRRORED
from tests.program.judges.manifests import Manifest, by_kind, identify, references, validate
from tests.program.judges.network_rules import selects
from tests.program.judges.plain import mapping
from tests.program.judges.pod_security import violations
from tests.program.rendered import airflow_chart_with, airflow_manifests, airflow_pods, chart_values, images

STACKS = pytest.mark.parametrize("name", ["dev", "prod"])
CUSTOM = {"ScaledObject"}
"""Custom resources: their schema lives in the cluster."""
WORKERS = {"dev": {"main"}, "prod": {"main", "bulk"}}


def contents(deployment: Deployment, token: str, field: str, namespace: str = "airflow") -> dict[str, set[str]]:
    """Name -> keys of the Secrets or ConfigMaps that the program itself makes in a namespace."""
    return {
        each.inputs["metadata"]["name"]: set(each.plain_inputs[field])
        for each in deployment.of_type(token)
        if each.inputs["metadata"]["namespace"] == namespace
    }


def selectors(manifests: list[Manifest], kind: str) -> dict[str, dict[str, Any]]:
    found = {identify(each): each["spec"]["selector"] for each in by_kind(manifests, kind).values()}
    # A Service's selector has no matchLabels around it.
    return {who: {"matchLabels": each} if kind == "Service" else each for who, each in found.items()}


@STACKS
def test_kubernetes_accepts_every_object(name: str) -> None:
    """Strictly validated: no unknown field, no wrong type, and nothing is skipped but custom resources."""
    verdict = validate(airflow_manifests(name))
    assert verdict.errors == []
    assert {who.partition("/")[0] for who in verdict.skipped} <= CUSTOM


@STACKS
def test_the_namespace_admits_every_pod(name: str) -> None:
    """Not one violation of Pod Security Standard `restricted`, which the namespace enforces."""
    assert violations(airflow_manifests(name)) == []
    for namespace in planned(name).of_type("kubernetes:core/v1:Namespace"):
        assert namespace.inputs["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_judge_of_pods_finds_what_the_chart_s_defaults_do() -> None:
    """With everything on and no values of ours, the chart's pods break the standard more than fifty times."""
    everything: dict[str, Any] = {name: {"enabled": True} for name in ("flower", "pgbouncer", "databaseCleanup")}
    everything |= {"otelCollector": {"tracesEnabled": True}, "dags": {"gitSync": {"enabled": True}}}
    assert len(violations(airflow_chart_with(everything))) > 50


@STACKS
def test_all_components_are_there(name: str) -> None:
    """Each part of Airflow runs, and nothing that the platform has elsewhere: database, broker, statsd."""
    found = {pod.labels["component"] for pod in airflow_pods(name)}
    wanted = {"api-server", "scheduler", "dag-processor", "triggerer", "worker", "flower"}
    assert found == wanted | {"run-airflow-migrations", "create-user-job", "database-cleanup"}
    assert {pod.labels.get("worker-set") for pod in airflow_pods(name)} == WORKERS[name] | {None}


@STACKS
def test_every_pod_role_is_some_pods(name: str) -> None:
    """Each service account of a pod role exists, and a pod of the component it is named after carries it."""
    accounts = set(by_kind(airflow_manifests(name), "ServiceAccount"))
    bearers: dict[str, set[str]] = {}
    for pod in airflow_pods(name):
        component = pod.labels["component"]
        part = f"worker-{pod.labels['worker-set']}" if component == "worker" else component
        bearers.setdefault(pod.service_account, set()).add(f"airflow-{part}")
    associations = planned(name).of_type("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    for association in (each for each in associations if each.inputs["namespace"] == NAMESPACE):
        account = association.inputs["serviceAccount"]
        assert account in accounts
        assert bearers[account] == {account}


@STACKS
def test_no_two_parts_share_an_account(name: str) -> None:
    """Every pod has a service account of its own that exists and mounts no token of the Kubernetes API."""
    accounts = by_kind(airflow_manifests(name), "ServiceAccount")
    used = [pod.service_account for pod in airflow_pods(name)]
    assert len(used) == len(set(used))
    assert set(used) == set(accounts)
    assert not any(account["automountServiceAccountToken"] for account in accounts.values())


@STACKS
def test_what_pods_read_exists_with_the_keys_they_read(name: str) -> None:
    """Every Secret and ConfigMap that a pod names is made by the program or the chart, with that key."""
    deployment, manifests = planned(name), airflow_manifests(name)
    there = {
        "Secret": contents(deployment, "kubernetes:core/v1:Secret", "stringData"),
        "ConfigMap": {
            **contents(deployment, "kubernetes:core/v1:ConfigMap", "data"),
            **{key: set(each["data"]) for key, each in by_kind(manifests, "ConfigMap").items()},
        },
    }
    for pod in airflow_pods(name):
        for wanted in references(pod):
            assert wanted.name in there[wanted.kind], f"{pod.owner}: {wanted}"
            assert wanted.key is None or wanted.key in there[wanted.kind][wanted.name], f"{pod.owner}: {wanted}"


@STACKS
def test_every_secret_of_ours_is_read(name: str) -> None:
    """No Secret lies in the namespace that no pod needs, and the chart makes none of its own."""
    read = {each.name for pod in airflow_pods(name) for each in references(pod) if each.kind == "Secret"}
    assert read == set(contents(planned(name), "kubernetes:core/v1:Secret", "stringData"))
    assert by_kind(airflow_manifests(name), "Secret") == {}


@STACKS
def test_the_ca_bundle_is_where_libpq_looks(name: str) -> None:
    """In every container that has PGSSLROOTCERT, that path is a file of the mounted bundle."""
    files = contents(planned(name), "kubernetes:core/v1:ConfigMap", "data")["rds-ca-bundle"]
    seen = 0
    for pod in airflow_pods(name):
        for path, container in pod.containers():
            variables = {each["name"]: each.get("value") for each in container.get("env", [])}
            if "PGSSLROOTCERT" not in variables:
                continue
            seen += 1
            mounts = {each["mountPath"] for each in container["volumeMounts"] if each["name"] == "rds-ca-bundle"}
            folder, _, file = str(variables["PGSSLROOTCERT"]).rpartition("/")
            assert ({folder}, {file}) == (mounts, files), f"{pod.owner} {path}"
            assert variables["PGSSLMODE"] == "verify-full"
    assert seen >= len(airflow_pods(name))


@STACKS
def test_who_opens_the_database_verifies_it(name: str) -> None:
    """Each container that is given a database URL is given the verification of TLS too."""
    for pod in airflow_pods(name):
        for path, container in pod.containers():
            variables = {each["name"] for each in container.get("env", [])}
            if "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" in variables:
                assert {"PGSSLMODE", "PGSSLROOTCERT"} <= variables, f"{pod.owner} {path}"


@STACKS
def test_a_rotated_secret_rolls_every_long_lived_pod(name: str) -> None:
    """The checksum of our Secrets is on every pod of a Deployment."""
    for pod in airflow_pods(name):
        if pod.owner.startswith("Deployment/"):
            assert "checksum/alisio-secrets" in pod.annotations, pod.owner


@STACKS
@pytest.mark.parametrize("kind", ["Deployment", "PodDisruptionBudget", "Service"])
def test_selectors_do_not_overlap(name: str, kind: str) -> None:
    """No pod answers to two Deployments, budgets or Services; under two budgets no eviction ever succeeds."""
    found = selectors(airflow_manifests(name), kind)
    assert found
    for pod in airflow_pods(name):
        mine = [who for who, selector in found.items() if selects(selector, pod.labels)]
        assert len(mine) <= 1, f"{pod.owner}: {mine}"


@STACKS
def test_every_part_that_scales_has_a_budget(name: str) -> None:
    """A drained node takes one pod of a part at a time; Flower alone may go at once."""
    budgets = selectors(airflow_manifests(name), "PodDisruptionBudget")
    for pod in airflow_pods(name):
        if pod.owner.startswith("Deployment/") and pod.labels["component"] != "flower":
            assert any(selects(each, pod.labels) for each in budgets.values()), pod.owner


@STACKS
def test_a_broken_pod_keeps_no_node(name: str) -> None:
    """A pod that is not ready may be evicted whatever the budget says: a part that is down cannot stop a drain."""
    budgets = by_kind(airflow_manifests(name), "PodDisruptionBudget")
    assert {each["spec"]["unhealthyPodEvictionPolicy"] for each in budgets.values()} == {"AlwaysAllow"}


@STACKS
def test_pods_run_on_nodes_that_there_are(name: str) -> None:
    """Every pod asks for a kind of capacity that a node pool offers; only worker groups may ask for spot."""
    pools = planned(name).of_type("kubernetes:karpenter.sh/v1:NodePool")
    offered = {
        value
        for pool in pools
        for each in pool.inputs["spec"]["template"]["spec"]["requirements"]
        if each["key"] == "karpenter.sh/capacity-type"
        for value in each["values"]
    }
    for pod in airflow_pods(name):
        wanted = pod.spec["nodeSelector"]["karpenter.sh/capacity-type"]
        assert wanted in offered
        assert wanted == "on-demand" or pod.labels["component"] == "worker", pod.owner


@STACKS
def test_every_container_says_what_memory_it_takes(name: str) -> None:
    """Each main container has a request and a limit of memory, so that one part cannot starve another."""
    for pod in airflow_pods(name):
        for container in pod.spec["containers"]:
            resources = mapping(container, "resources")
            assert mapping(resources, "limits").get("memory"), f"{pod.owner} {container['name']}"
            assert resources["requests"]["memory"] == resources["limits"]["memory"], f"{pod.owner} {container['name']}"


def test_every_image_is_that_of_the_settings() -> None:
    """All pods of Airflow, jobs and sidecars included, run the one image that the stack file names."""
    mirrored = plan_stack("dev", config_overrides={"airflow": MIRRORED})
    found = images(airflow_chart_with(chart_values(mirrored)), "airflow")
    assert found == {f"{MIRRORED['image']['repository']}:{MIRRORED['image']['tag']}"}
