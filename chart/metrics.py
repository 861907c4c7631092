"""What Airflow's parts send about themselves by StatsD, and what pods know of queues."""

from __future__ import annotations

from chart.parts import Part
from health.airflow_alarms import canary_queues
from health.airflow_metrics import AGENT, FULL, PORT, PREFIX, SMALL, WITHOUT_TAGS
from settings import AirflowSettings, MonitoringSettings

SENDERS = (Part.API_SERVER, Part.DAG_PROCESSOR, Part.SCHEDULER, Part.TRIGGERER, Part.WORKER)
"""Parts that send metrics: of the api-server what tasks report to it, such as updated assets."""


def metrics_config(monitoring: MonitoringSettings) -> dict[str, str]:
    """Section `metrics` of airflow.cfg.

    The name of the agent's Service is asked for once in a process's life, and without an answer the process stays
    silent. So Airflow starts after the agent.
    """
    if not monitoring.enabled:
        return {"statsd_on": "False"}
    return {
        "statsd_on": "True",
        "statsd_host": AGENT,
        "statsd_port": str(PORT),
        "statsd_prefix": PREFIX,
        # Plain StatsD has no tags: all pools would share one series, and the last of them would win.
        "statsd_influxdb_enabled": "True",
        "statsd_disabled_tags": ",".join(WITHOUT_TAGS),
        # Otherwise everything is sent twice, by its old name too, and paid for twice.
        "legacy_names_on": "False",
        "metrics_allow_list": ",".join(SMALL if monitoring.metrics == "small" else FULL),
    }


def queue_environment(settings: AirflowSettings, monitoring: MonitoringSettings) -> dict[str, str]:
    """Which queues there are, and which of them the canary visits how often. Its alarms count on both."""
    return {
        "ALISIO_WORKER_QUEUES": ",".join(group.queue_name for group in settings.worker_groups),
        "ALISIO_CANARY_QUEUES": ",".join(canary_queues(settings)),
        "ALISIO_CANARY_MINUTES": str(monitoring.canary_minutes),
    }
