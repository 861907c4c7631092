"""The charts, rendered with the values that the program gives them; Helm's own templates decide what pods there are."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from plan import Deployment
from plan.values import release
from tests.program.conftest import CHECKOUT, planned
from tests.program.judges.chart import ChartSource, find_chart, render
from tests.program.judges.manifests import Manifest, PodTemplate, pod_templates

AIRFLOW = "airflow"
KEDA = "keda"


def chart_values(deployment: Deployment, name: str = AIRFLOW) -> dict[str, Any]:
    """The values that the program gives to a release."""
    return release(deployment, name).plain_inputs["values"]


def airflow_chart_with(values: dict[str, Any]) -> list[Manifest]:
    """What the official chart makes of values; skips the test where there is no chart."""
    source = _airflow_chart()
    if source.path is None:
        pytest.skip(f"no Airflow chart: {source.reason}")
    return render(source.path, values, name=AIRFLOW, namespace=AIRFLOW)


@cache
def _airflow_chart() -> ChartSource:
    return find_chart(CHECKOUT)


@cache
def airflow_manifests(stack: str) -> list[Manifest]:
    """What the official chart makes of a stack."""
    return airflow_chart_with(chart_values(planned(stack)))


@cache
def keda_manifests(stack: str) -> list[Manifest]:
    """What KEDA's chart makes of a stack; skips the test unless KEDA_CHART names the chart."""
    path = os.environ.get("KEDA_CHART")
    if not path:
        pytest.skip("no KEDA chart: KEDA_CHART is not set")
    return render(Path(path), chart_values(planned(stack), KEDA), name=KEDA, namespace=KEDA)


def airflow_pods(stack: str) -> list[PodTemplate]:
    return pod_templates(airflow_manifests(stack), namespace=AIRFLOW)


def keda_pods(stack: str) -> list[PodTemplate]:
    return pod_templates(keda_manifests(stack), namespace=KEDA)
