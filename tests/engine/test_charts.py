"""The stand-in charts make what the official ones make, as far as Helm and the tests look at it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import planned
from tests.engine.charts_server import CHARTS, official, publish
from tests.judges.chart import render
from tests.judges.manifests import Manifest, PodTemplate, identify, pod_templates, validate
from tests.judges.pod_security import violations
from tests.rendered import chart_values

# Objects that change what Helm waits for, what is scheduled, or who may do what to a pod.
COMPARED = {
    "Airflow": {"Deployment", "Job", "CronJob", "PodDisruptionBudget", "ScaledObject", "ServiceAccount", "Service"}
}


def rendered(chart: str, stack: str, folder: Path, source: Path | None) -> list[Manifest]:
    publish(chart, folder, source)
    return render(next(folder.glob("*.tgz")), chart_values(planned(stack), chart), name=chart, namespace=chart)


def stand_in(chart: str, stack: str, folder: Path) -> list[Manifest]:
    return rendered(chart, stack, folder / "stand-in", None)


def placement(pod: PodTemplate) -> dict[str, Any]:
    """What decides where a pod stands, as whom, and what rolls it."""
    ours = {key: value for key, value in pod.annotations.items() if "alisio" in key or "karpenter" in key}
    return {
        "labels": pod.labels,
        "account": pod.service_account,
        "nodes": pod.spec.get("nodeSelector"),
        "spread": pod.spec.get("topologySpreadConstraints") or [],
        "grace": pod.spec.get("terminationGracePeriodSeconds"),
        "annotations": ours,
    }


@pytest.mark.parametrize("stack", ["dev", "prod"])
@pytest.mark.parametrize("chart", list(CHARTS))
def test_the_stand_ins_are_valid_and_restricted(chart: str, stack: str, tmp_path: Path) -> None:
    """Kubernetes knows every field of theirs, and the namespaces admit their pods."""
    manifests = stand_in(chart, stack, tmp_path)
    assert validate(manifests).errors == []
    assert violations(manifests) == []


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_airflows_stand_in_places_pods_as_the_official_chart(stack: str, tmp_path: Path) -> None:
    """Names, labels, accounts, nodes, grace and the annotations that roll pods are the official chart's."""
    source = official("airflow")
    if source is None:
        pytest.skip("no official chart: AIRFLOW_CHART is not set")
    ours, theirs = stand_in("airflow", stack, tmp_path), rendered("airflow", stack, tmp_path / "official", source)
    kinds = COMPARED["Airflow"]
    assert {identify(each) for each in ours if each["kind"] in kinds} == {
        identify(each) for each in theirs if each["kind"] in kinds
    }
    pods = [{pod.owner: placement(pod) for pod in pod_templates(each, namespace="airflow")} for each in (ours, theirs)]
    assert pods[0] == pods[1]


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_kedas_stand_in_has_the_official_charts_pods(stack: str, tmp_path: Path) -> None:
    """The same deployments under the same accounts on the same nodes, and the same custom resources."""
    source = official("keda")
    if source is None:
        pytest.skip("no official chart: KEDA_CHART is not set")
    ours, theirs = stand_in("keda", stack, tmp_path), rendered("keda", stack, tmp_path / "official", source)
    kinds = {"Deployment", "CustomResourceDefinition", "ServiceAccount", "PodDisruptionBudget"}
    assert {identify(each) for each in ours if each["kind"] in kinds} == {
        identify(each) for each in theirs if each["kind"] in kinds
    }
    pods = [
        {
            pod.owner: (pod.service_account, pod.spec.get("nodeSelector"))
            for pod in pod_templates(each, namespace="keda")
        }
        for each in (ours, theirs)
    ]
    assert pods[0] == pods[1]
