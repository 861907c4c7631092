"""What the dashboard shows, from what users notice down to what it costs."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from health.airflow_alarms import canary_queues
from health.airflow_metrics import UNSERVED, counter, gauge, timing
from health.metric import Metric
from health.panel import BILLING, BILLING_SOURCE, Line, Panel, Section
from health.parts_panels import parts_panels
from health.price import price
from health.subjects import AIRFLOW, DOOR, KINDS
from settings import AirflowSettings, StackSettings

MOST_QUEUES = 100
"""In one panel, which takes 500 lines at most. Nobody tells more apart."""
POOL = "default_pool"
DAY_SECONDS = 86_400


def sections(settings: StackSettings, subjects: Collection[str]) -> list[Section]:
    """From top to bottom. What has nothing to show is left out."""
    everything = (
        Section(
            question="Do users notice?",
            text="The canary goes through scheduler, database, broker, workers and triggerer, as any DAG does.",
            panels=(*_canary(settings), *_door()),
            shows_alarms=True,
        ),
        Section(
            question="Are tasks moving?",
            text="What waits, for how long, what starts and how it ends.",
            panels=tuple(_tasks(settings.airflow)),
        ),
        Section(
            question="Which part is at its limit?",
            text="Lines across are the limits of alarms.",
            panels=tuple(parts_panels(settings)),
        ),
        Section(
            question="What does it cost?",
            text=(
                f"Monitoring: {price(settings)}, at list prices. The graph is of the whole account; it is empty unless "
                "CloudWatch billing alerts are switched on in the account's billing preferences."
            ),
            panels=(_bill(),),
        ),
    )
    return [section.of(subjects) for section in everything]


def _airflow(label: str, metric: Metric) -> Line:
    return Line(label=label, subject=AIRFLOW, metric=metric)


def _canary(settings: StackSettings) -> Iterator[Panel]:
    queues = canary_queues(settings.airflow)[:MOST_QUEUES]
    period = settings.monitoring.canary_minutes * 60
    yield Panel(
        title="Visits of the canary that went well, by queue",
        lines=tuple(_airflow(queue, counter("canary.success", queue=queue)) for queue in queues),
        period_seconds=period,
    )
    yield Panel(
        title="Seconds that a visit of the canary took",
        lines=tuple(_airflow(queue, gauge("canary.seconds", statistic="Maximum", queue=queue)) for queue in queues),
        period_seconds=period,
    )


def _door() -> Iterator[Panel]:
    balancer, targets = KINDS[DOOR].dimensions[:1], KINDS[DOOR].dimensions

    def line(label: str, name: str, statistic: str = "Sum", by: tuple[str, ...] = balancer) -> Line:
        return Line(label=label, subject=DOOR, metric=Metric(name=name, statistic=statistic, by=by))

    yield Panel(
        title="Requests, and those that failed",
        lines=(
            line("requests", "RequestCount"),
            line("failed in Airflow", "HTTPCode_Target_5XX_Count"),
            line("failed before it", "HTTPCode_ELB_5XX_Count"),
        ),
    )
    yield Panel(
        title="Seconds to an answer",
        lines=(
            line("median", "TargetResponseTime", "p50"),
            line("slowest twentieth", "TargetResponseTime", "p95"),
        ),
    )
    yield Panel(
        title="Healthy api-servers",
        lines=(line("healthy", "HealthyHostCount", "Maximum", targets),),
        period_seconds=60,
    )


def _tasks(airflow: AirflowSettings) -> Iterator[Panel]:
    queues = [*(group.queue_name for group in airflow.worker_groups[: MOST_QUEUES - 1]), UNSERVED]
    yield Panel(
        title="Tasks that wait, by queue",
        lines=tuple(_airflow(queue, gauge("queue.queued", statistic="Maximum", queue=queue)) for queue in queues),
    )
    yield Panel(
        title="Seconds that the oldest waits, by queue",
        lines=tuple(
            _airflow(queue, gauge("queue.oldest_seconds", statistic="Maximum", queue=queue)) for queue in queues
        ),
    )
    yield Panel(
        title="Tasks that started and ended",
        lines=(
            _airflow("started", counter("ti.start")),
            _airflow("succeeded", counter("ti.finish", state="success")),
            _airflow("failed", counter("ti.finish", state="failed")),
            _airflow("died without a word", counter("task_instances_without_heartbeats_killed")),
        ),
    )
    yield Panel(
        title="Milliseconds from a run's time to its start",
        lines=(
            _airflow("most punctual", timing("dagrun.schedule_delay", statistic="Minimum")),
            _airflow("latest", timing("dagrun.schedule_delay", statistic="Maximum")),
        ),
    )
    yield Panel(
        title=f"Slots of {POOL}",
        lines=tuple(
            _airflow(what, gauge(f"pool.{what}_slots", statistic="Maximum", pool_name=POOL))
            for what in ("running", "queued", "deferred", "open")
        ),
    )
    yield Panel(
        title="Heartbeats a minute",
        lines=tuple(
            _airflow(part, counter(f"{part}_heartbeat")) for part in ("scheduler", "triggerer", "dag_processor")
        ),
        period_seconds=60,
    )
    yield Panel(
        title="DAG files that cannot be imported",
        lines=(_airflow("files", gauge("dag_processing.import_errors", statistic="Maximum")),),
    )


def _bill() -> Panel:
    metric = Metric(name="EstimatedCharges", statistic="Maximum", by=tuple(BILLING_SOURCE.dimensions))
    return Panel(
        title="The account's bill of this month so far, USD",
        lines=(Line(label="all services", subject=BILLING, metric=metric),),
        period_seconds=DAY_SECONDS // 4,
    )
