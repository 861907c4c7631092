"""Airflow's own metrics: what it sends by StatsD, and how CloudWatch's agent names that.

Names and types were read in Airflow 3.3.2, and tests see each on the wire that an alarm or a panel reads.
"""

from __future__ import annotations

from health.metric import Metric

PREFIX = "airflow"
"""`[metrics] statsd_prefix`: first part of every name."""
AGENT = "cloudwatch-agent.amazon-cloudwatch"
"""The agent's Service. It answers on the pod's own node."""
PORT = 8125
SMALL = (
    *("^scheduler_heartbeat", "^triggerer_heartbeat", "^dag_processor_heartbeat"),
    *("^executor\\.open_slots", "^pool\\.", "^ti\\.(start|finish)", "^dag_processing\\.import_errors"),
    *("^dagrun\\.schedule_delay", "^task_instances_without", "^triggerer\\.", "^canary\\.", "^queue\\."),
)
"""Regular expressions of what is sent at least: whatever an alarm reads. Each match is a series that costs money."""
FULL = (
    *SMALL,
    *("^executor\\.", "^scheduler\\.(tasks|orphaned|critical_section_(duration|busy)|scheduler_loop_duration|dagruns)"),
    *("^ti_(failures|successes)", "^dagrun\\.duration", "^task\\.(queued|scheduled)_duration", "^dagbag_size"),
    *("^dag_processing\\.(total_parse_time|file_path_queue_size|processor_timeouts|manager_stalls)",),
    *("^triggers\\.", "^asset\\.", "^celery\\."),
)
"""More, to look for the part at fault."""
WITHOUT_TAGS = (
    *("job_id", "run_id", "dag_id", "task_id", "run_type", "file_", "bundle_name", "hostname", "status", "executor"),
    *("operator", "action"),
)
"""Tags that are left out, as each value would be a series of its own. `pool_name`, `state` and `queue` stay."""
UNSERVED = "unserved"
"""Stands for every queue that no worker group serves."""


def counter(name: str, *, statistic: str = "Sum", **tags: str) -> Metric:
    """Something that happened, summed over the period."""
    return _metric(name, "counter", statistic, tags)


def gauge(name: str, *, statistic: str, **tags: str) -> Metric:
    """A number at a time. Two schedulers send the same series: an average of them would mean nothing."""
    return _metric(name, "gauge", statistic, tags)


def timing(name: str, *, statistic: str, **tags: str) -> Metric:
    """A distribution of milliseconds."""
    return _metric(name, "timing", statistic, tags)


def _metric(name: str, kind: str, statistic: str, tags: dict[str, str]) -> Metric:
    # The agent adds `metric_type` to each series.
    return Metric(name=f"{PREFIX}.{name}", statistic=statistic, tags={"metric_type": kind, **tags})
