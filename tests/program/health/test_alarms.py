"""The alarms of every stack: each watches what somebody sends, about a thing that exists, and says what to do."""

from __future__ import annotations

import re

import pytest

from chart.names import NAMESPACE
from chart.parts import Part
from health.airflow_alarms import HEARTBEATS
from health.airflow_metrics import FULL, PREFIX, SMALL
from health.alarms import alarms
from health.cluster_alarms import WORKLOADS
from health.subjects import AIRFLOW, KINDS, PODS, kind_of, subjects
from tests.program.health.published import TABLE, asked, published
from tests.program.health.stacks import OFF, STACKS, WITHOUT_ALARMS, alarms_of, sources_of, stack
from tests.program.settings.case import stack_of

PAGING = {
    *("canary", "scheduler-gone", "tasks-wait", "runs-start-late"),
    *("door-closed", "door-errors", "database-storage", "broker-memory"),
}
"""What wakes somebody up, and nothing else: reference of the health of the platform, B4 and D5."""


def test_the_table_is_in_order_and_each_row_has_a_source() -> None:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    assert lines[1:] == sorted(lines[1:])
    assert len(published()) == len(lines) - 1
    assert all(published().values())


@pytest.mark.parametrize("name", STACKS)
def test_every_alarm_watches_what_is_published(name: str) -> None:
    """With the namespace and exactly the dimensions of its publisher: otherwise there is no series, and no error."""
    sources = sources_of(stack(name))
    wanted = {
        (alarm.name, asked(metric, sources[alarm.subject]))
        for alarm in alarms_of(stack(name)).values()
        for metric in alarm.metrics.values()
    }
    assert [each for each in wanted if each[1] not in published()] == []


@pytest.mark.parametrize("name", STACKS)
def test_every_metric_of_an_alarm_passes_the_small_list(name: str) -> None:
    """`metrics: small` saves money, not alarms. Airflow looks for the patterns in names without their prefix."""
    for alarm in alarms_of(stack(name)).values():
        for metric in alarm.metrics.values() if alarm.subject == AIRFLOW else ():
            short = metric.name.removeprefix(f"{PREFIX}.")
            assert any(re.search(pattern, short) for pattern in SMALL), short
    assert set(SMALL) < set(FULL)


@pytest.mark.parametrize("name", STACKS)
def test_subjects_are_those_of_the_stack(name: str) -> None:
    """Each thing has an alarm, and no alarm is about a thing that the stack has not."""
    watched = {alarm.subject for alarm in alarms_of(stack(name)).values()}
    assert watched == set(subjects(stack(name).settings))
    assert {kind_of(subject) for subject in watched} <= {AIRFLOW, *KINDS}


def test_only_what_exists_has_alarms() -> None:
    """The program hands over what it has made."""
    prod = stack("prod").settings
    assert {alarm.subject for alarm in alarms(prod, {"database", "door"})} == {"database", "door"}
    assert alarms(prod, ()) == []


@pytest.mark.parametrize("settings", [OFF, WITHOUT_ALARMS])
def test_without_alarms_there_are_none(settings: str) -> None:
    found = stack_of(settings)
    assert alarms(found.settings, sources_of(found)) == []


def test_smallest_and_largest() -> None:
    """All kinds of alarms are among those of the largest stack; the smallest has none of what it has not."""
    largest = {alarm.anchor for alarm in alarms_of(stack("largest")).values()}
    smallest = {alarm.anchor for alarm in alarms_of(stack("smallest")).values()}
    credits = {"database-credits", "broker-credits", "database-operations", "database-throughput"}
    assert smallest - largest == credits
    assert {kind for kind in largest - smallest if kind.startswith(("door", "certificate", "broker"))} == {
        *("door-closed", "door-errors", "door-slow", "certificate-expires", "broker-replication"),
    }


@pytest.mark.parametrize("name", STACKS)
def test_alarms_say_what_to_do(name: str) -> None:
    """In whole sentences, as they go to people at night. CloudWatch takes 1,024 characters of a description."""
    for alarm in alarms_of(stack(name)).values():
        assert alarm.title[0].isupper(), alarm.name
        assert not alarm.title.endswith("."), alarm.name
        for text in (alarm.why, alarm.action):
            assert text[0].isupper() or text[0].isdigit() or text.startswith(("kubectl ", "`")), text
            assert text.endswith((".", "?")), text
        assert len(alarm.title) + len(alarm.why) + len(alarm.action) < 900


@pytest.mark.parametrize("name", STACKS)
def test_what_wakes_people_up(name: str) -> None:
    assert {alarm.anchor for alarm in alarms_of(stack(name)).values() if alarm.pages} <= PAGING
    assert {alarm.anchor for alarm in alarms_of(stack("prod")).values() if alarm.pages} == PAGING


@pytest.mark.parametrize("name", STACKS)
def test_only_dead_men_fire_without_data(name: str) -> None:
    """What nobody sends is trouble where it is sent each minute or run. An error that nobody counts is none."""
    breaching = {alarm.anchor for alarm in alarms_of(stack(name)).values() if alarm.missing == "breaching"}
    assert breaching <= {"canary", *HEARTBEATS, "fewer-schedulers", "database-cpu", "door-closed"}


@pytest.mark.parametrize("name", STACKS)
def test_percentiles_are_of_many_numbers(name: str) -> None:
    """CloudWatch passes over a percentile of few numbers. Only a load balancer sends as many as it wants."""
    percentiles = {
        alarm.anchor
        for alarm in alarms_of(stack(name)).values()
        for metric in alarm.metrics.values()
        if metric.statistic.startswith("p")
    }
    assert percentiles <= {"door-slow"}


def test_workloads_are_those_of_the_chart() -> None:
    """The names that Container Insights calls `PodName`, in the namespace of Airflow."""
    parts = (Part.API_SERVER, Part.DAG_PROCESSOR, Part.SCHEDULER, Part.TRIGGERER)
    assert list(WORKLOADS) == [part.service_account for part in parts]
    assert all(f"--namespace {NAMESPACE}" in each.action for each in alarms_of(stack("prod")).values()
               if each.anchor == "restarts" and each.subject == PODS)  # fmt: skip
