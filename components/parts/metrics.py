"""Where the metrics of a component's things are, by what alarms call the thing."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi import Input

from health.metric import MetricSource
from health.subjects import KINDS, kind_of

Metrics = Mapping[str, MetricSource[Input[str]]]
"""By subject: `database`, `broker-001`."""


def source(subject: str, *values: Input[str]) -> MetricSource[Input[str]]:
    """Where a thing's metrics are. The values are those of its kind's dimensions, in their order."""
    kind = KINDS[kind_of(subject)]
    return MetricSource(namespace=kind.namespace, dimensions=dict(zip(kind.dimensions, values, strict=True)))


def shown(metrics: Metrics) -> Mapping[str, Mapping[str, Input[str]]]:
    """What a component registers of it: the dimensions, by subject."""
    return {subject: each.dimensions for subject, each in metrics.items()}
