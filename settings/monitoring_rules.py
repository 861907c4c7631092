"""Rules between monitoring and the other components."""

from __future__ import annotations

from collections.abc import Iterator

from settings.airflow import AirflowSettings
from settings.airflow_config import SECRET_CONFIG, Options
from settings.base import Mistake
from settings.monitoring import MonitoringSettings
from settings.network import NetworkSettings
from settings.rule import rule

METRIC_OPTIONS = (
    "metrics.legacy_names_on",
    "metrics.metrics_allow_list",
    "metrics.metrics_block_list",
    # An alarm counts the heartbeats of a minute.
    "scheduler.scheduler_heartbeat_sec",
)
"""Options of airflow.cfg that alarms build on, beside all of `metrics.statsd_…`. With others an alarm has no data."""


@rule
def monitoring_sets_its_own_options(monitoring: MonitoringSettings, airflow: AirflowSettings) -> Iterator[Mistake]:
    yield from _own_options(monitoring, airflow.config, "airflow.config")


@rule
def monitoring_has_no_secret_options(monitoring: MonitoringSettings, secret_config: Options) -> Iterator[Mistake]:
    yield from _own_options(monitoring, secret_config, SECRET_CONFIG)


@rule
def metrics_find_a_way_out(monitoring: MonitoringSettings, network: NetworkSettings) -> Iterator[Mistake]:
    offline = not network.existing and network.nat == "none"
    if offline and monitoring.enabled and "monitoring" not in network.interface_endpoints:
        yield Mistake(
            "network.interfaceEndpoints",
            "monitoring is needed too: without NAT the CloudWatch agent cannot send metrics",
            network.interface_endpoints,
        )


@rule
def production_raises_alarms(*, production: bool, monitoring: MonitoringSettings) -> Iterator[Mistake]:
    if not production or monitoring.raises_alarms:
        return
    switch = "alarms" if monitoring.enabled else "enabled"
    yield Mistake(f"monitoring.{switch}", "must be true while alisio:production is true", value=False)


def _own_options(monitoring: MonitoringSettings, options: Options, path: str) -> Iterator[Mistake]:
    if not monitoring.enabled:
        return
    for section, entries in options.items():
        for key in entries:
            option = f"{section}.{key}".lower()
            if option in METRIC_OPTIONS or option.startswith("metrics.statsd_"):
                yield Mistake(
                    f"{path}.{section}.{key}",
                    "is set by the platform, for alisio:monitoring; remove it, or set monitoring.enabled: false",
                )
