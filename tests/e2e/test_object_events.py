"""An object that lands starts a run within seconds; whatever becomes of its message, it is processed once in effect.

S3's notification, the queue, the triggerer, the asset, the run: all of it, but S3 and SQS are the emulator's. A message
that dies with the triggerer is made good by the DAG's schedule, every ten minutes, as a run takes all that it finds.

ALISIO_EVENT_OBJECTS (50) and ALISIO_EVENT_PAUSE (0.2 s between two objects) make it longer.
"""

from __future__ import annotations

import datetime
import json
import statistics
import threading
import time
from typing import Any

import pytest
from landing import OBJECTS, PAUSE, Landed, assert_once_in_effect, content, land, land_many, reported_at, unreported
from stage import Stage, eventually

DAG = "land_to_warehouse"
FAULTS_PAUSE = 0.8
"""Longer, so that objects land before, between and after the faults."""
MESSAGES_SECONDS = 150
"""The schedule's ten minutes are not waited for."""
DONE_SECONDS = 240
AIRFLOWS_RETRY_SECONDS = 300
"""What a task waits by default before it is tried again."""


def test_fifty_objects_start_runs_within_seconds(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """Objects that land one after another are each reported by a run that began seconds after; none is lost, and every
    line is in the lake and in the warehouse once."""
    # The schedule's own first run would be in the way of the first message's: there is one at a time.
    finish_runs(stage)
    earlier = len(runs(stage))
    objects = land_many(stage, "steady")
    eventually(lambda: not unreported(stage, objects), seconds=DONE_SECONDS, every=0.5)
    finish_runs(stage)

    begun = {run["dag_run_id"]: datetime.datetime.fromisoformat(run["start_date"]).timestamp() for run in runs(stage)}
    times = [begun[json.loads(content(stage, each.report))["run"]] for each in objects]
    waits = [max(0.0, started - each.at) for each, started in zip(objects, times, strict=True)]
    done = [reported_at(stage, each) - each.at for each in objects]
    say(
        capsys,
        f"{len(objects)} objects, one each {PAUSE:g} s, {len(runs(stage)) - earlier} runs; {spread('started', waits)}",
    )
    say(capsys, spread("processed", done))
    assert_once_in_effect(stage, objects)


def test_messages_that_tell_of_nothing_do_no_harm(stage: Stage) -> None:
    """S3's test event, garbage, and a message of an object that is not there: the triggerer goes on, and objects whose
    keys have spaces, plus signs and letters that URLs encode are processed under their own names."""
    since = restarts(stage)
    nothing = {"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "landing%2Fweather/nowhere/gone.csv"}}}
    poison = [
        json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": stage.platform.buckets.data}),
        "not JSON { \u2028 \u00e9 at all",
        json.dumps({"Records": [nothing]}),
        json.dumps([1, None, {"Records": "none"}]),
        "x" * 200_000,
    ]
    before = len(runs(stage))
    for body in poison:
        stage.sqs.send_message(QueueUrl=stage.queue, MessageBody=body)
    eventually(lambda: waiting(stage) == 0, seconds=60)
    eventually(lambda: len(runs(stage)) > before, seconds=60)
    finish_runs(stage)

    names = ["a b.csv", "a+b.csv", "a%2Bb.csv", "são joão & co=1.csv"]
    objects = [land(stage, station="são paulo+sp", name=name, number=number) for number, name in enumerate(names)]
    eventually(lambda: not unreported(stage, objects), seconds=DONE_SECONDS, every=0.5)
    finish_runs(stage)
    assert_once_in_effect(stage, objects)
    assert restarts(stage) == since, "the triggerer was started again"
    # A last message may start one more run, that finds nothing to do: it has to succeed too.
    eventually(lambda: {run["state"] for run in runs(stage)} == {"success"}, seconds=DONE_SECONDS)


def test_a_moment_without_s3_delays_a_run_by_seconds(stage: Stage) -> None:
    """A task that finds S3 away is tried again soon: what lands meanwhile waits for its run."""
    finish_runs(stage)
    with stage.without("emulator"):
        run = stage.api.trigger(DAG)
        # Of whichever run goes first: the schedule's may have been before it.
        eventually(lambda: any(task["state"] == "up_for_retry" for task in stage.api.tasks(DAG, "~")), seconds=120)
    assert stage.api.finished(DAG, run, seconds=AIRFLOWS_RETRY_SECONDS / 2) == "success"


def test_no_object_is_lost_across_a_triggerer_kill_and_a_broker_outage(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """The triggerer is killed and the broker is away while objects land: all are processed, once in effect. Should the
    kill take the last message with it, the test starts the run that the schedule would start, and prints that it did.
    """
    finish_runs(stage)
    objects: list[Landed] = []
    landing = threading.Thread(target=lambda: objects.extend(land_many(stage, "faults", pause=FAULTS_PAUSE)))
    landing.start()
    time.sleep(OBJECTS * FAULTS_PAUSE / 4)
    stage.crash("triggerer", pause=3)
    time.sleep(3)
    stage.crash("broker", pause=12)
    landing.join()
    assert len(objects) == OBJECTS
    deadline = time.monotonic() + MESSAGES_SECONDS
    while unreported(stage, objects) and time.monotonic() < deadline:
        time.sleep(1)
    left = unreported(stage, objects)
    if left:
        stage.api.trigger(DAG)
    eventually(lambda: not unreported(stage, objects), seconds=DONE_SECONDS, every=1)
    finish_runs(stage)
    done = [reported_at(stage, each) - each.at for each in objects]
    helped = f"{len(left)} left to the schedule's run" if left else "none needed the schedule"
    say(capsys, f"triggerer killed, broker away: {len(objects)} objects, 0 lost, {helped}; {spread('processed', done)}")
    assert_once_in_effect(stage, objects)


def runs(stage: Stage) -> list[dict[str, Any]]:
    """Runs that have started, oldest first."""
    query = {"limit": 100, "order_by": "run_after"}
    found = stage.api.call("GET", f"dags/{DAG}/dagRuns", params=query)["dag_runs"]
    return [run for run in found if run["start_date"]]


def finish_runs(stage: Stage) -> None:
    """Wait until no run is queued or goes on."""
    query = {"limit": 100, "state": ["queued", "running"]}
    path = f"dags/{DAG}/dagRuns"
    eventually(lambda: not stage.api.call("GET", path, params=query)["dag_runs"], seconds=DONE_SECONDS)


def waiting(stage: Stage) -> int:
    """Messages in the queue, in hand or not."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = stage.sqs.get_queue_attributes(QueueUrl=stage.queue, AttributeNames=names)["Attributes"]
    return sum(int(value) for value in found.values())


def restarts(stage: Stage) -> int:
    """When the triggerer was started last."""
    return stage.processes.states()["triggerer"]["start"]


def spread(what: str, seconds: list[float]) -> str:
    """Median, 95 % and the worst."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return f"landed -> {what}: p50 {cuts[49]:.1f} s, p95 {cuts[94]:.1f} s, worst {max(seconds):.1f} s"


def say(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        print(f"\n{text}")
