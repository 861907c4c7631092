"""The DAG as Airflow gets it: active, one run at a time, and quick to parse for a task."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DAGS = Path(__file__).parents[3] / "dags"
QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/landed"
TELL = """
import json, sys
import land_to_warehouse
dag = land_to_warehouse.land_to_warehouse()
imported = set(sys.modules)
watchers = land_to_warehouse.landed().watchers
print(json.dumps({
    "paused": dag.is_paused_upon_creation,
    "runs": dag.max_active_runs,
    "tasks": sorted(dag.task_ids),
    "triggers": [watcher.trigger["kwargs"] if isinstance(watcher.trigger, dict) else watcher.trigger.serialize()[1]
                 for watcher in watchers],
    "heavy": sorted({"aiobotocore", "boto3", "pyarrow", "psycopg2"} & imported),
}))
"""


def parsed(**environment: str) -> dict[str, Any]:
    """What a process of its own finds in the DAG's file."""
    answer = subprocess.run(
        [sys.executable, "-c", TELL],
        env={**os.environ, **environment},
        cwd=DAGS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def watched() -> dict[str, Any]:
    return parsed(ALISIO_WATCHED_QUEUES=json.dumps({"landed_weather": QUEUE}))


def test_it_is_active_where_its_prefix_is_watched(watched: dict[str, Any]) -> None:
    """A newcomer's file is taken without a click; a stack that watches nothing has no example running."""
    assert watched["paused"] is False
    assert parsed(ALISIO_WATCHED_QUEUES="{}")["paused"] is True


def test_runs_follow_one_another(watched: dict[str, Any]) -> None:
    """The newest observation of a day wins, as no run overtakes another; and few tasks make a run short."""
    assert watched["runs"] == 1
    assert watched["tasks"] == ["take", "take_share"]


def test_sqs_is_asked_for_the_next_message_and_not_every_few_seconds(watched: dict[str, Any]) -> None:
    """The trigger waits in the queue: no pause between two questions, and as many messages as SQS gives at once."""
    [trigger] = watched["triggers"]
    assert (trigger["sqs_queue"], trigger["waiter_delay"]) == (QUEUE, 0)
    assert (trigger["wait_time_seconds"], trigger["max_messages"]) == (20, 10)


def test_a_task_imports_no_trigger() -> None:
    """A task is a new process each time, and pays for what the file imports: neither triggers nor clients."""
    task = parsed(
        ALISIO_WATCHED_QUEUES=json.dumps({"landed_weather": QUEUE}),
        _AIRFLOW_PARSING_CONTEXT_DAG_ID="land_to_warehouse",
        _AIRFLOW_PARSING_CONTEXT_TASK_ID="take",
    )
    assert task["triggers"] == []
    assert task["heavy"] == []
