"""KEDA's chart as Helm would install it; needs KEDA_CHART, the path of the chart."""

from __future__ import annotations

import pytest

import versions
from plan import plan_stack
from tests.program.conftest import planned
from tests.program.facts import MIRRORED
from tests.program.judges.manifests import by_kind, references, validate
from tests.program.judges.pod_security import violations
from tests.program.rendered import KEDA, chart_values, images, keda_chart_with, keda_manifests, keda_pods

STACKS = pytest.mark.parametrize("name", ["dev", "prod"])
MADE_BY_KEDA = {"kedaorg-certs"}
"""Its operator makes this Secret when it starts."""


@STACKS
def test_kubernetes_accepts_every_object(name: str) -> None:
    """Strictly validated, custom resource definitions included."""
    verdict = validate(keda_manifests(name))
    assert (verdict.errors, verdict.skipped) == ([], {})


@STACKS
def test_the_chart_is_the_pinned_one(name: str) -> None:
    """What is judged here is what the program would install."""
    labels = {pod.labels["helm.sh/chart"] for pod in keda_pods(name)}
    assert labels == {f"keda-{versions.KEDA_CHART}"}


@STACKS
def test_the_namespace_admits_every_pod(name: str) -> None:
    """Not one violation of Pod Security Standard `restricted`."""
    assert violations(keda_manifests(name)) == []


@STACKS
def test_the_operator_verifies_the_database(name: str) -> None:
    """It opens the database itself: with the CA bundle, from a ConfigMap of its own namespace."""
    operator = next(pod for pod in keda_pods(name) if pod.owner == "Deployment/keda-operator")
    (container,) = operator.spec["containers"]
    variables = {each["name"]: each.get("value") for each in container["env"]}
    (mount,) = [each for each in container["volumeMounts"] if each["name"] == "rds-ca"]
    (bundle,) = [
        each
        for each in planned(name).of_type("kubernetes:core/v1:ConfigMap")
        if each.inputs["metadata"].get("namespace") == "keda"
    ]
    folder, _, file = str(variables["PGSSLROOTCERT"]).rpartition("/")
    assert (variables["PGSSLMODE"], folder) == ("verify-full", mount["mountPath"])
    assert file in bundle.inputs["data"]
    assert bundle.inputs["metadata"]["name"] in {each.name for each in references(operator)}


@STACKS
def test_what_pods_read_exists(name: str) -> None:
    """Every Secret and ConfigMap of KEDA's pods is the program's, or made by KEDA itself."""
    ours = {
        each.inputs["metadata"]["name"]
        for each in planned(name).of_type("kubernetes:core/v1:ConfigMap")
        if each.inputs["metadata"].get("namespace") == "keda"
    }
    accounts = set(by_kind(keda_manifests(name), "ServiceAccount"))
    for pod in keda_pods(name):
        assert {each.name for each in references(pod)} <= ours | MADE_BY_KEDA
        assert pod.service_account in accounts


@STACKS
def test_the_scaler_outlives_a_spot_node(name: str) -> None:
    """KEDA runs on demand; without it no worker group grows."""
    for pod in keda_pods(name):
        assert pod.spec["nodeSelector"]["karpenter.sh/capacity-type"] == "on-demand"


def test_every_image_comes_from_the_registry_of_the_settings() -> None:
    """The chart asks no other registry, so a mirror in ECR is enough where there is no NAT."""
    mirrored = plan_stack("dev", config_overrides={"airflow": MIRRORED})
    found = images(keda_chart_with(chart_values(mirrored, KEDA)), KEDA)
    assert {image.partition("/kedacore/")[0] for image in found} == {MIRRORED["kedaRegistry"]}
    names = {image.rpartition("/")[2].partition(":")[0] for image in found}
    assert names == {"keda", "keda-metrics-apiserver", "keda-admission-webhooks"}
    assert {image.rpartition(":")[2] for image in found} == {versions.KEDA_CHART}


@STACKS
def test_the_operator_may_change_what_it_scales_and_no_more(name: str) -> None:
    """No role is for every kind there is. Deployments are what the worker groups are."""
    for role in by_kind(keda_manifests(name), "ClusterRole").values():
        assert not any("*" in resource for rule in role["rules"] for resource in rule.get("resources", [])), role


@STACKS
def test_two_operators_prefer_two_nodes(name: str) -> None:
    """The leader and the one that takes over do not go with the same node, where there are two."""
    (operator,) = [pod for pod in keda_pods(name) if pod.owner == "Deployment/keda-operator"]
    (term,) = operator.spec["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    assert term["podAffinityTerm"]["topologyKey"] == "kubernetes.io/hostname"
    assert term["podAffinityTerm"]["labelSelector"]["matchLabels"].items() <= operator.labels.items()
