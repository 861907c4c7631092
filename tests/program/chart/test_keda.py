"""KEDA's chart as Helm would install it; needs KEDA_CHART, the path of the chart."""

from __future__ import annotations

import pytest

import versions
from tests.program.conftest import planned
from tests.program.judges.manifests import by_kind, references, validate
from tests.program.judges.pod_security import violations
from tests.program.rendered import keda_manifests, keda_pods

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
