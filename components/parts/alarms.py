"""Alarms of `health` as resources of CloudWatch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi_aws as aws
from pulumi import Input, ResourceOptions

from health.alarm import Alarm, Comparison
from health.composite import Composite
from health.metric import Metric, MetricSource
from settings.monitoring import Pause

Source = MetricSource[Input[str]]
COMPARISONS: dict[Comparison, str] = {
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
}
RESULT = "result"
"""Id of the expression that the threshold is about."""
MUTED_AT_ONCE = 100
"""Alarms that one mute rule takes:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MuteTargets.html"""


def alarm_name(prefix: str, name: str) -> str:
    """The name of an alarm in the account. CloudWatch takes over one of the same name without a word."""
    return f"{prefix}-{name}"


def metric_alarm(
    resource_name: str,
    alarm: Alarm,
    source: Source,
    *,
    prefix: str,
    topics: Sequence[Input[str]],
    warm_up_minutes: int,
    opts: ResourceOptions,
) -> aws.cloudwatch.MetricAlarm:
    """Make an alarm, which tells the topics when it fires and when it is over."""
    return aws.cloudwatch.MetricAlarm(
        resource_name,
        name=alarm_name(prefix, alarm.name),
        alarm_description=description(alarm),
        comparison_operator=COMPARISONS[alarm.comparison],
        threshold=alarm.threshold,
        evaluation_periods=alarm.datapoints[1],
        datapoints_to_alarm=alarm.datapoints[0],
        treat_missing_data=alarm.missing,
        alarm_actions=list(topics),
        ok_actions=list(topics),
        # A new stack has no data, which counts as trouble where a heartbeat is watched.
        warm_up_configuration={"warm_up_period_duration_in_minutes": warm_up_minutes},
        **(_queries(alarm, source) if alarm.is_math else _metric(alarm, source)),
        opts=opts,
    )


def description(alarm: Alarm | Composite) -> str:
    """What a person reads in the notice: what is the matter, what to do, and where more is written."""
    return f"{alarm.title}. {alarm.action} {alarm.why} Runbook: docs/runbook.md#{alarm.anchor}"


def _metric(alarm: Alarm, source: Source) -> dict[str, Any]:
    (metric,) = alarm.metrics.values()
    percentile = metric.statistic.startswith("p")
    return {
        "namespace": source.namespace,
        "metric_name": metric.name,
        "dimensions": metric.dimensions(source),
        "period": alarm.period_seconds,
        "extended_statistic" if percentile else "statistic": metric.statistic,
        # A percentile of few numbers is one of them.
        **({"evaluate_low_sample_count_percentiles": "ignore"} if percentile else {}),
    }


def _queries(alarm: Alarm, source: Source) -> dict[str, Any]:
    return {
        "metric_queries": [
            {"id": RESULT, "expression": alarm.expression, "label": alarm.title, "return_data": True},
            *(_query(name, metric, alarm, source) for name, metric in alarm.metrics.items()),
        ]
    }


def _query(name: str, metric: Metric, alarm: Alarm, source: Source) -> dict[str, Any]:
    return {
        "id": name,
        "return_data": False,
        "metric": {
            "namespace": source.namespace,
            "metric_name": metric.name,
            "dimensions": metric.dimensions(source),
            "period": alarm.period_seconds,
            "stat": metric.statistic,
        },
    }


def composite_alarm(
    resource_name: str, composite: Composite, *, prefix: str, topics: Sequence[Input[str]], opts: ResourceOptions
) -> aws.cloudwatch.CompositeAlarm:
    """Make an alarm over alarms, which must exist before."""
    return aws.cloudwatch.CompositeAlarm(
        resource_name,
        alarm_name=alarm_name(prefix, composite.name),
        alarm_description=description(composite),
        alarm_rule=composite.rule(prefix),
        alarm_actions=list(topics),
        ok_actions=list(topics),
        opts=opts,
    )


def muted(component: str, pause: Pause, names: Sequence[str], *, prefix: str, opts: ResourceOptions) -> None:
    """Tell nobody of these alarms while a pause lasts. They go on, and what still fires at its end is told then."""
    for start in range(0, len(names), MUTED_AT_ONCE):
        rule = f"{pause.name}-{start // MUTED_AT_ONCE + 1}"
        aws.cloudwatch.AlarmMuteRule(
            f"{component}-{rule}",
            name=alarm_name(prefix, rule),
            description=f"A planned pause: {pause.name}",
            rule={
                "schedule": {
                    "expression": f"cron({pause.cron})",
                    "duration": f"PT{pause.hours}H",
                    "timezone": pause.timezone,
                }
            },
            mute_targets={"alarm_names": [alarm_name(prefix, name) for name in names[start : start + MUTED_AT_ONCE]]},
            opts=opts,
        )
