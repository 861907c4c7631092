"""Alarms about Airflow itself. Its subject is `airflow`: the namespace of the stack's own metrics."""

from __future__ import annotations

from collections.abc import Iterator

from health.airflow_metrics import UNSERVED, counter, gauge, timing
from health.alarm import Alarm
from health.subjects import AIRFLOW
from settings import AirflowSettings
from settings.monitoring import MonitoringSettings

BEATS_PER_MINUTE = 12
"""A heartbeat every 5 s of each process: `scheduler_heartbeat_sec` and its like."""
HEARTBEATS = {
    "scheduler-gone": "scheduler",
    "triggerer-gone": "triggerer",
    "dag-processor-gone": "dag_processor",
}
"""Alarms of the parts that send a heartbeat. All at once, it is not the parts that are gone, but their metrics."""


def airflow_alarms(airflow: AirflowSettings, monitoring: MonitoringSettings) -> Iterator[Alarm]:
    """What users notice first: does work get done? Then what keeps it from that."""
    for queue in canary_queues(airflow):
        yield _canary(queue, monitoring)
    for name, part in HEARTBEATS.items():
        yield _gone(name, part)
    if airflow.scheduler.replicas > 1:
        yield _fewer_schedulers(airflow.scheduler.replicas)
    yield from _waiting(airflow)
    yield _late_runs()
    yield _failing_tasks()
    yield from _limits()


def canary_queues(airflow: AirflowSettings) -> tuple[str, ...]:
    """The queues that the canary visits: of the groups that always have a worker.

    A visit would wake a group that has none, and it would never sleep again. Where every group sleeps, the first one is
    visited all the same: `canaryMinutes` says how often.
    """
    awake = [group.queue_name for group in airflow.worker_groups if group.min_workers > 0]
    return tuple(awake or [airflow.worker_groups[0].queue_name])


def _canary(queue: str, monitoring: MonitoringSettings) -> Alarm:
    return Alarm(
        name=f"canary.{_word(queue)}",
        subject=AIRFLOW,
        title=f"The canary of queue {queue} does not come through",
        metrics={"success": counter("canary.success", queue=queue)},
        expression="FILL(success, 0)",
        comparison="<",
        threshold=1,
        period_seconds=monitoring.canary_minutes * 60,
        datapoints=(3, 4),
        missing="breaching",
        pages=True,
        why=f"It succeeds every {monitoring.canary_minutes} minutes. One late run is no outage: three of four are.",
        action="Open the last run of platform_canary: the task that is not green says which part is at fault.",
    )


def _gone(name: str, part: str) -> Alarm:
    spoken = part.replace("_", "-")
    return Alarm(
        name=name,
        subject=AIRFLOW,
        title=f"No {spoken} beats",
        metrics={"value": counter(f"{part}_heartbeat")},
        comparison="<",
        threshold=1,
        datapoints=(5, 5),
        missing="breaching",
        # Without a scheduler nothing starts. Without the others, only what is new or deferred waits.
        pages=part == "scheduler",
        why=f"Each {spoken} beats every 5 s. Five minutes are longer than a rolling update or a lost node takes.",
        action=f"kubectl --namespace airflow get pods; then the log of the {spoken}.",
    )


def _fewer_schedulers(replicas: int) -> Alarm:
    return Alarm(
        name="fewer-schedulers",
        subject=AIRFLOW,
        title=f"Fewer than {replicas} schedulers beat",
        metrics={"value": counter("scheduler_heartbeat")},
        comparison="<",
        # Halfway between all and all but one, so that a slow loop is no missing scheduler.
        threshold=5 * BEATS_PER_MINUTE * (replicas - 0.5),
        period_seconds=300,
        datapoints=(3, 3),
        missing="breaching",
        why=f"{replicas} schedulers beat {BEATS_PER_MINUTE} times a minute each.",
        action="kubectl --namespace airflow get pods --selector component=scheduler: which is not ready, and why?",
    )


def _waiting(airflow: AirflowSettings) -> Iterator[Alarm]:
    yield Alarm(
        name="tasks-wait",
        subject=AIRFLOW,
        title="Tasks are queued, and none starts",
        metrics={"queued": gauge("queue.tasks", statistic="Maximum"), "started": counter("ti.start")},
        expression="IF(FILL(queued, 0) > 0 AND FILL(started, 0) < 1, 1, 0)",
        comparison=">=",
        threshold=1,
        period_seconds=300,
        datapoints=(3, 4),
        missing="notBreaching",
        pages=True,
        why="A node takes up to five minutes to start. Whatever waits longer waits for something that does not come.",
        action="Are there workers, do they reach the broker, are nodes pending? The runbook goes through them.",
    )
    for queue in (*(group.queue_name for group in airflow.worker_groups), UNSERVED):
        yield _oldest(queue)


def _oldest(queue: str) -> Alarm:
    unserved = queue == UNSERVED
    return Alarm(
        name=f"oldest-queued.{_word(queue)}",
        subject=AIRFLOW,
        title="A task waits in a queue that no worker group serves"
        if unserved
        else f"A task of {queue} waits too long",
        metrics={"value": gauge("queue.oldest_seconds", statistic="Maximum", queue=queue)},
        comparison=">",
        # Airflow queues a task again after 600 s (`task_queued_timeout`), and counts its waiting anew: a longer one is
        # never seen. Each of the two periods may be the one in which that happens.
        threshold=450,
        period_seconds=300,
        datapoints=(1, 2),
        missing="notBreaching",
        why="A new node takes up to five minutes, and Airflow sends a lost message again after ten.",
        action="Correct the task's queue, or add a worker group for it."
        if unserved
        else "Is the group at maxWorkers? Raise it, or let its tasks be fewer at a time.",
    )


def _late_runs() -> Alarm:
    return Alarm(
        name="runs-start-late",
        subject=AIRFLOW,
        title="Every scheduled run starts late",
        # The least of them: one DAG that catches up is no trouble. A percentile would be silent, as CloudWatch takes no
        # p95 of fewer than 200 runs.
        metrics={"value": timing("dagrun.schedule_delay", statistic="Minimum")},
        comparison=">",
        threshold=120_000,
        period_seconds=300,
        datapoints=(3, 3),
        missing="notBreaching",
        pages=True,
        why="Milliseconds from a run's time to its start, of the most punctual. Where all is well it is seconds.",
        action="Is the database slow, is the scheduler's CPU at its limit, do too many runs begin at one minute?",
    )


def _failing_tasks() -> Alarm:
    return Alarm(
        name="tasks-fail",
        subject=AIRFLOW,
        title="More than a fifth of all tasks fail",
        metrics={
            "failed": counter("ti.finish", state="failed"),
            "passed": counter("ti.finish", state="success"),
        },
        expression=(
            "IF(FILL(failed, 0) + FILL(passed, 0) >= 20, "
            "100 * FILL(failed, 0) / (FILL(failed, 0) + FILL(passed, 0)), 0)"
        ),
        comparison=">",
        threshold=20,
        period_seconds=900,
        datapoints=(2, 3),
        missing="notBreaching",
        why="Tasks that have used up their retries. Fewer than 20 in a quarter of an hour say little about a platform.",
        action="One DAG or many? If many, look for what they share: a connection, a queue, the last release of DAGs.",
    )


def _limits() -> Iterator[Alarm]:
    yield Alarm(
        name="no-slot",
        subject=AIRFLOW,
        title="Every slot of the scheduler is taken",
        metrics={"value": gauge("executor.open_slots", statistic="Maximum")},
        comparison="<",
        threshold=1,
        datapoints=(15, 15),
        missing="notBreaching",
        why="`airflow.parallelism` is what one scheduler lets run at once. For a quarter of an hour there was no room.",
        action="Raise airflow.parallelism, if workers and database have room; or let long tasks defer.",
    )
    yield Alarm(
        name="killed-without-heartbeat",
        subject=AIRFLOW,
        title="Tasks die without a word",
        metrics={"value": counter("task_instances_without_heartbeats_killed")},
        comparison=">",
        threshold=3,
        period_seconds=900,
        datapoints=(1, 2),
        missing="notBreaching",
        why="A reclaimed spot node costs a few tasks, which are tried again. More than three are a pattern.",
        action="Were workers killed for memory? kubectl --namespace airflow describe pod, and look for OOMKilled.",
    )
    yield Alarm(
        name="import-errors",
        subject=AIRFLOW,
        title="DAG files cannot be imported",
        metrics={"value": gauge("dag_processing.import_errors", statistic="Maximum")},
        comparison=">",
        threshold=0,
        period_seconds=300,
        datapoints=(3, 3),
        missing="notBreaching",
        why="`publish` refuses files that cannot be imported, so one of these depends on what only the platform has.",
        action="The UI shows the errors on its home page. Go back: python -m scripts.dags rollback.",
    )
    yield Alarm(
        name="triggerer-full",
        subject=AIRFLOW,
        title="The triggerers have no room for another trigger",
        metrics={"value": gauge("triggerer.capacity_left", statistic="Maximum")},
        comparison="<",
        threshold=1,
        datapoints=(15, 15),
        missing="notBreaching",
        why="Deferred tasks wait for a triggerer with room ([triggerer] capacity, 1000 by default).",
        action="Raise airflow.triggerer.replicas.",
    )


def _word(queue: str) -> str:
    """A queue as a part of an alarm's name, in small letters. Two queues that differ in case only share no stack."""
    return queue.lower()
