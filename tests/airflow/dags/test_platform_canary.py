"""The canary visits the queues that it is told to, as often as it is told to, and says so at the end of each visit."""

from __future__ import annotations

import datetime
import importlib
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from health.airflow_metrics import PREFIX, counter, gauge


def parsed(monkeypatch: pytest.MonkeyPatch, **environment: str) -> ModuleType:
    """The file, as a process reads it that has these variables."""
    for name in ("ALISIO_CANARY_QUEUES", "ALISIO_CANARY_MINUTES", "ALISIO_WORKER_QUEUES"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    sys.modules.pop("platform_canary", None)
    return importlib.import_module("platform_canary")


def visits(module: ModuleType) -> dict[str, list[str]]:
    """By queue, the tasks of its visit, in their order."""
    tasks = module.platform_canary().topological_sort()
    found: dict[str, list[str]] = {}
    for each in tasks:
        found.setdefault(each.queue, []).append(each.task_id)
    return found


def test_each_visit_ends_with_its_report_in_the_same_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Storage, deferral and report of a queue run one after another, in the workers of that queue."""
    module = parsed(monkeypatch, ALISIO_CANARY_QUEUES="default,heavy", ALISIO_WORKER_QUEUES="default,heavy,asleep")
    assert visits(module) == {
        queue: [f"storage_{queue}", f"deferral_{queue}", f"report_{queue}"] for queue in ("default", "heavy")
    }
    dag = module.platform_canary()
    for queue in ("default", "heavy"):
        assert dag.get_task(f"report_{queue}").upstream_task_ids == {f"deferral_{queue}"}
        assert dag.get_task(f"deferral_{queue}").upstream_task_ids == {f"storage_{queue}"}


@pytest.mark.parametrize(("told", "minutes"), [({}, 5.0), ({"ALISIO_CANARY_MINUTES": "30"}, 30.0)])
def test_it_runs_as_often_as_it_is_told(monkeypatch: pytest.MonkeyPatch, told: dict[str, str], minutes: float) -> None:
    """Every five minutes by default."""
    dag = parsed(monkeypatch, **told).platform_canary()
    assert dag.schedule == datetime.timedelta(minutes=minutes)


def test_the_report_has_the_names_that_the_alarm_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A counter for the success, and a gauge of the seconds since the run's time, both with the queue."""
    module = parsed(monkeypatch)
    sent: list[tuple[str, str, float, Any]] = []
    monkeypatch.setattr(module.stats, "incr", lambda name, tags: sent.append(("counter", name, 1, tags)))
    monkeypatch.setattr(module.stats, "gauge", lambda name, value, tags: sent.append(("gauge", name, value, tags)))
    run = SimpleNamespace(run_after=datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=40))
    monkeypatch.setattr(module, "get_current_context", lambda: {"dag_run": run})
    returned = module.report.function("heavy")
    assert 40 <= returned < 50
    wanted = [counter("canary.success", queue="heavy"), gauge("canary.seconds", statistic="Maximum", queue="heavy")]
    assert [(f"{PREFIX}.{name}", {"metric_type": kind, **tags}) for kind, name, _, tags in sent] == [
        (metric.name, dict(metric.tags)) for metric in wanted
    ]
    assert [value for _, _, value, _ in sent] == [1, returned]
