"""The charts, rendered with the values that the program gives them; Helm's own templates decide what pods there are."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

import versions
from plan import Deployment
from plan.values import release
from tests.program.conftest import planned
from tests.program.judges.chart import named_chart, render
from tests.program.judges.manifests import Manifest, PodTemplate, pod_templates

AIRFLOW = "airflow"
KEDA = "keda"


def chart_values(deployment: Deployment, name: str = AIRFLOW) -> dict[str, Any]:
    """The values that the program gives to a release."""
    return release(deployment, name).plain_inputs["values"]


def airflow_chart() -> Path:
    """The official chart. Skips the test unless AIRFLOW_CHART names it."""
    return _chart("AIRFLOW_CHART", AIRFLOW, versions.AIRFLOW_CHART)


def _chart(variable: str, name: str, version: str) -> Path:
    path = named_chart(variable, name=name, version=version)
    if path is None:
        pytest.skip(f"{variable} names no chart")
    return path


def airflow_chart_with(values: dict[str, Any]) -> list[Manifest]:
    """What the official chart makes of values."""
    return render(airflow_chart(), values, name=AIRFLOW, namespace=AIRFLOW)


@cache
def airflow_manifests(stack: str) -> list[Manifest]:
    """What the official chart makes of a stack."""
    return airflow_chart_with(chart_values(planned(stack)))


@cache
def keda_manifests(stack: str) -> list[Manifest]:
    """What KEDA's chart makes of a stack."""
    return keda_chart_with(chart_values(planned(stack), KEDA))


def keda_chart_with(values: dict[str, Any]) -> list[Manifest]:
    """What KEDA's chart makes of values. Skips the test unless KEDA_CHART names the chart."""
    return render(_chart("KEDA_CHART", KEDA, versions.KEDA_CHART), values, name=KEDA, namespace=KEDA)


def images(manifests: list[Manifest], namespace: str) -> set[str]:
    """Every image that a pod of these manifests runs."""
    pods = pod_templates(manifests, namespace=namespace)
    return {container["image"] for pod in pods for _, container in pod.containers()}


def airflow_pods(stack: str) -> list[PodTemplate]:
    return pod_templates(airflow_manifests(stack), namespace=AIRFLOW)


def keda_pods(stack: str) -> list[PodTemplate]:
    return pod_templates(keda_manifests(stack), namespace=KEDA)
