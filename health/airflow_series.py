"""Every metric that `SMALL` and `FULL` let through, and how many series it is: what is billed, what a panel may show.

Read in Airflow 3.3.2, with the tags that `WITHOUT_TAGS` leaves. `canary.*` is sent by the canary, `queue.*` by the
queue probe.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from health.airflow_alarms import canary_queues
from health.airflow_metrics import FULL, SMALL
from settings import AirflowSettings, MonitoringSettings

Type = Literal["counter", "gauge", "timing"]
STATES = ("deferred", "failed", "removed", "skipped", "success", "up_for_reschedule", "up_for_retry")
"""In which a task's process may end: `ti.finish` has a series for each that occurs."""
POOLS = 1
"""Airflow's own. Each pool that people add is as many series again."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A metric, and the tag that it keeps."""

    name: str
    type: Type
    tag: str = ""


SERIES = (
    *(Sent(name=f"{part}_heartbeat", type="counter") for part in ("scheduler", "triggerer", "dag_processor")),
    *(Sent(name=f"executor.{what}", type="gauge") for what in ("open_slots", "queued_tasks", "running_tasks")),
    *(
        Sent(name=f"pool.{what}", type="gauge", tag="pool_name")
        for what in (
            "open_slots",
            "queued_slots",
            "running_slots",
            "deferred_slots",
            "scheduled_slots",
            "starving_tasks",
        )
    ),
    Sent(name="ti.start", type="counter"),
    Sent(name="ti.finish", type="counter", tag="state"),
    Sent(name="ti_failures", type="counter"),
    Sent(name="ti_successes", type="counter"),
    Sent(name="task.queued_duration", type="timing"),
    Sent(name="task.scheduled_duration", type="timing"),
    Sent(name="task_instances_without_heartbeats_killed", type="counter"),
    Sent(name="dagrun.schedule_delay", type="timing"),
    Sent(name="dagrun.duration.success", type="timing"),
    Sent(name="dagrun.duration.failed", type="timing"),
    *(Sent(name=f"scheduler.tasks.{what}", type="gauge") for what in ("starving", "executable")),
    Sent(name="scheduler.tasks.killed_externally", type="counter"),
    *(Sent(name=f"scheduler.orphaned_tasks.{what}", type="counter") for what in ("adopted", "cleared")),
    Sent(name="scheduler.critical_section_duration", type="timing"),
    Sent(name="scheduler.critical_section_busy", type="counter"),
    Sent(name="scheduler.scheduler_loop_duration", type="timing"),
    Sent(name="scheduler.dagruns.running", type="gauge"),
    *(
        Sent(name=f"dag_processing.{what}", type="gauge")
        for what in ("import_errors", "total_parse_time", "file_path_queue_size")
    ),
    *(Sent(name=f"dag_processing.{what}", type="counter") for what in ("processor_timeouts", "manager_stalls")),
    Sent(name="dagbag_size", type="gauge"),
    Sent(name="triggers.running", type="gauge"),
    *(Sent(name=f"triggers.{what}", type="counter") for what in ("succeeded", "failed", "blocked_main_thread")),
    Sent(name="triggerer.capacity_left", type="gauge"),
    *(Sent(name=f"asset.{what}", type="counter") for what in ("updates", "triggered_dagruns")),
    Sent(name="asset.orphaned", type="gauge"),
    Sent(name="celery.task_timeout_error", type="counter"),
    Sent(name="canary.success", type="counter", tag="canary"),
    Sent(name="canary.seconds", type="gauge", tag="canary"),
    Sent(name="queue.tasks", type="gauge"),
    Sent(name="queue.queued", type="gauge", tag="queue"),
    Sent(name="queue.oldest_seconds", type="gauge", tag="queue"),
)


def sent(monitoring: MonitoringSettings) -> Iterator[Sent]:
    """What passes the list of allowed metrics, which is read as Airflow does."""
    allowed = FULL if monitoring.metrics == "full" else SMALL
    for each in SERIES:
        if any(re.search(pattern, each.name) for pattern in allowed):
            yield each


def series_count(airflow: AirflowSettings, monitoring: MonitoringSettings) -> int:
    """How many series that is at most: each value of a tag is one."""
    if not monitoring.enabled:
        return 0
    values = {
        "": 1,
        "pool_name": POOLS,
        "state": len(STATES),
        "canary": len(canary_queues(airflow)),
        # And whatever no group serves.
        "queue": len(airflow.worker_groups) + 1,
    }
    return sum(values[each.tag] for each in sent(monitoring))
