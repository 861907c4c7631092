"""What monitoring costs a month.

Prices of us-east-1, November 2026: https://aws.amazon.com/cloudwatch/pricing/. Other regions differ by some percent.
The free tier is not taken off, as an account has it once: 10 metrics, 10 metrics of alarms, 3 dashboards.
"""

from __future__ import annotations

from dataclasses import dataclass

from health.airflow_series import series_count
from health.alarms import alarms
from health.composite import composites
from health.subjects import subjects
from settings import StackSettings

METRIC_USD = 0.30
"""Of a custom metric, up to the 10,000th of an account. Those of AWS's own services are free."""
ALARM_METRIC_USD = 0.10
"""An alarm is billed by the metrics that it reads."""
COMPOSITE_USD = 0.50
DASHBOARD_USD = 3.00
CONTAINER_INSIGHTS_USD = 120
"""A small cluster's was 100 to 140: 0.21 for a million observations, 0.50 for a GB of logs. More pods cost more."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """What there is of each kind. What is not measured costs nothing."""

    series: int
    alarms: int
    alarm_metrics: int
    composites: int
    dashboards: int
    container_insights: bool

    @property
    def certain_usd(self) -> float:
        """A month of what can be counted."""
        return round(
            self.series * METRIC_USD
            + self.alarm_metrics * ALARM_METRIC_USD
            + self.composites * COMPOSITE_USD
            + self.dashboards * DASHBOARD_USD,
            2,
        )

    def __str__(self) -> str:
        if not self.series:
            return "monitoring is off"
        dashboards = "1 dashboard" if self.dashboards else "no dashboard"
        counted = (
            f"{self.series} metrics, {self.alarms + self.composites} alarms, {dashboards}: "
            f"{self.certain_usd:.2f} USD a month"
        )
        if not self.container_insights:
            return counted
        return f"{counted}, and Container Insights in the order of {CONTAINER_INSIGHTS_USD} USD"


def price(settings: StackSettings) -> Price:
    """Of a stack's monitoring, without logs and without what its cluster, database or broker cost."""
    monitoring = settings.monitoring
    found = alarms(settings, set(subjects(settings)))
    return Price(
        series=series_count(settings.airflow, monitoring),
        alarms=len(found),
        alarm_metrics=sum(len(alarm.metrics) for alarm in found),
        composites=len(composites(found)),
        dashboards=int(monitoring.raises_alarms),
        container_insights=monitoring.enabled and monitoring.container_insights,
    )
