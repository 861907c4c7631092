"""The stand-in charts make what the official ones make, as far as Helm and the tests look at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

import helm_python as helm
import pytest
import yaml

from plan import plan_stack
from plan.values import release
from tests.engine.charts_server import official, publish

Manifest = dict[str, Any]

WORKLOADS: Final = {"Deployment", "Job", "CronJob"}
# What changes what Helm waits for, where pods stand, or who they are.
COMPARED: Final = {
    "airflow": {*WORKLOADS, "PodDisruptionBudget", "ScaledObject", "Service", "ServiceAccount"},
    "keda": {*WORKLOADS, "CustomResourceDefinition", "PodDisruptionBudget", "ServiceAccount"},
}


def rendered(chart: str, stack: str, folder: Path, source: Path | None) -> dict[str, Manifest]:
    """What Helm would install, by kind and name."""
    publish(chart, folder, source)
    values = release(plan_stack(stack), chart).plain_inputs["values"]
    (archive,) = folder.glob("*.tgz")
    with helm.Chart.load(archive) as loaded:
        files = loaded.render(values, name=chart, namespace=chart)
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in _documents(files)}


def _documents(files: dict[str, str]) -> Iterator[Manifest]:
    for path, text in files.items():
        if path.endswith((".yaml", ".yml")):
            documents = cast("Iterator[Manifest | None]", yaml.load_all(text, Loader=yaml.CSafeLoader))
            yield from (document for document in documents if document)


def placement(manifest: Manifest) -> dict[str, Any]:
    """What decides where a pod stands, as whom, how long it may take to end, and what of ours rolls it."""
    spec = manifest["spec"]
    template = (spec["jobTemplate"]["spec"] if manifest["kind"] == "CronJob" else spec)["template"]
    pod, metadata = template["spec"], template["metadata"]
    annotations: dict[str, str] = metadata.get("annotations") or {}
    return {
        "account": pod["serviceAccountName"],
        "nodes": pod.get("nodeSelector"),
        "spread": pod.get("topologySpreadConstraints") or [],
        "grace": pod.get("terminationGracePeriodSeconds"),
        "labels": {key: value for key, value in metadata["labels"].items() if key in {"component", "worker-set"}},
        "annotations": {key: value for key, value in annotations.items() if "alisio" in key or "karpenter" in key},
    }


@pytest.mark.parametrize("stack", ["dev", "prod"])
@pytest.mark.parametrize("chart", list(COMPARED))
def test_a_stand_in_is_what_the_official_chart_is(chart: str, stack: str, tmp_path: Path) -> None:
    """The same objects by name; pods with the same account, nodes, spread, grace, labels and annotations of ours."""
    source = official(chart)
    if source is None:
        pytest.skip(f"no official chart of {chart}: {chart.upper()}_CHART is not set")
    ours = rendered(chart, stack, tmp_path / "stand-in", None)
    theirs = rendered(chart, stack, tmp_path / "official", source)
    compared = [
        {name: each for name, each in some.items() if each["kind"] in COMPARED[chart]} for some in (ours, theirs)
    ]
    assert set(compared[0]) == set(compared[1])
    places = [{name: placement(each) for name, each in some.items() if each["kind"] in WORKLOADS} for some in compared]
    assert places[0] == places[1]


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_stand_in_takes_the_programs_values(stack: str, tmp_path: Path) -> None:
    """A deployment for each part of Airflow and for each worker group, and an autoscaler for each group."""
    made = rendered("airflow", stack, tmp_path / "stand-in", None)
    groups = [each["name"] for each in release(plan_stack(stack)).plain_inputs["values"]["workers"]["celery"]["sets"]]
    parts = {"api-server", "scheduler", "dag-processor", "triggerer", *(f"worker-{group}" for group in groups)}
    assert {f"Deployment/airflow-{part}" for part in parts} <= set(made)
    assert {f"ScaledObject/airflow-worker-{group}" for group in groups} <= set(made)
