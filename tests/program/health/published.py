"""What publishers send to CloudWatch, as they document it: published.tsv. Alarms and panels are judged by it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from health.metric import Metric, MetricSource

TABLE = Path(__file__).parent / "published.tsv"
AIRFLOW = "Airflow"
"""Stands for each stack's own namespace."""
Series = tuple[str, str, frozenset[str]]


@cache
def published() -> Mapping[Series, str]:
    """Namespace, name, dimensions, and where that is written. A fixed dimension is there with its value."""
    with TABLE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {(row["namespace"], row["metric"], frozenset(row["dimensions"].split(","))): row["source"] for row in rows}


def asked(metric: Metric, source: MetricSource[str]) -> Series:
    """The series that is asked for, as the table has it."""
    namespace = AIRFLOW if source.namespace.endswith(f"/{AIRFLOW}") else source.namespace
    dimensions = {
        f"{name}={value}" if name == "metric_type" else name for name, value in metric.dimensions(source).items()
    }
    return namespace, metric.name, frozenset(dimensions)
