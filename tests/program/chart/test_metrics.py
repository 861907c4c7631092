"""What Airflow sends of itself, as settings decide it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from chart.metrics import SENDERS, metrics_config, queue_environment
from chart.parts import JOBS, Part
from health.airflow_alarms import airflow_alarms
from health.airflow_metrics import FULL, PREFIX, SMALL, WITHOUT_TAGS
from health.subjects import AIRFLOW
from settings import AirflowSettings, MonitoringSettings

SIZES = {"small": SMALL, "full": FULL}
AWAKE = {"name": "awake", "queue": "default"}
ASLEEP = {"name": "asleep", "minWorkers": 0}
LONG_RUNNING = ("api-server", "dag-processor", "scheduler", "triggerer", "worker")


def with_groups(*groups: dict[str, Any]) -> AirflowSettings:
    return AirflowSettings.model_validate_json(json.dumps({"workerGroups": groups}))


@pytest.mark.parametrize("size", SIZES)
def test_airflow_sends_what_the_settings_ask_for(size: str) -> None:
    """By tags, each once, and of the names that alarms or panels read only."""
    config = metrics_config(MonitoringSettings.model_validate({"metrics": size}))
    assert config == {
        "statsd_on": "True",
        "statsd_host": "cloudwatch-agent.amazon-cloudwatch",
        "statsd_port": "8125",
        "statsd_prefix": PREFIX,
        "statsd_influxdb_enabled": "True",
        "statsd_disabled_tags": ",".join(WITHOUT_TAGS),
        "legacy_names_on": "False",
        "metrics_allow_list": ",".join(SIZES[size]),
    }


@pytest.mark.parametrize("size", SIZES)
def test_lists_come_through_airflows_own_reading(size: str) -> None:
    """Airflow splits at commas, and looks for each part in a name in small letters with its tags behind it."""
    parts = metrics_config(MonitoringSettings.model_validate({"metrics": size}))["metrics_allow_list"].split(",")
    assert parts == list(SIZES[size])
    for part in parts:
        assert re.compile(part)
        assert part.startswith("^")
        assert not part.endswith("$")
        assert part == part.lower()


@pytest.mark.parametrize("size", SIZES)
def test_what_an_alarm_reads_is_sent(size: str) -> None:
    """The short list has it too: it is what an alarm needs, and no more."""
    monitoring = MonitoringSettings.model_validate({"metrics": size})
    allowed = [re.compile(part) for part in metrics_config(monitoring)["metrics_allow_list"].split(",")]
    airflow = with_groups(AWAKE, ASLEEP)
    alarms = [each for each in airflow_alarms(airflow, monitoring) if each.subject == AIRFLOW]
    assert alarms
    for alarm in alarms:
        for metric in alarm.metrics.values():
            name = metric.name.removeprefix(f"{PREFIX}.")
            assert any(each.match(name) for each in allowed), alarm.name


def test_no_tag_of_an_alarm_is_left_out() -> None:
    """Airflow leaves out each tag in whose name one of the list is found."""
    for alarm in airflow_alarms(AirflowSettings(), MonitoringSettings()):
        for metric in alarm.metrics.values():
            for tag in set(metric.tags) - {"metric_type"}:
                assert not any(part in tag for part in WITHOUT_TAGS), (alarm.name, tag)


def test_switched_off_airflow_sends_nothing() -> None:
    """One option, and no address of an agent that is not there."""
    assert metrics_config(MonitoringSettings(enabled=False)) == {"statsd_on": "False"}


def test_whoever_runs_all_the_time_sends_but_flower() -> None:
    """Jobs and Flower have nothing to tell."""
    assert set(SENDERS) == {each for each in Part if each.value in LONG_RUNNING}
    assert not {*SENDERS} & {*JOBS, Part.FLOWER}


def test_pods_know_the_queues_and_how_often_the_canary_visits_them() -> None:
    """A group that sleeps is left alone, unless all do."""
    monitoring = MonitoringSettings.model_validate({"canaryMinutes": 30})
    assert queue_environment(with_groups(AWAKE, ASLEEP), monitoring) == {
        "ALISIO_WORKER_QUEUES": "default,asleep",
        "ALISIO_CANARY_QUEUES": "default",
        "ALISIO_CANARY_MINUTES": "30",
    }
    assert queue_environment(with_groups(ASLEEP), monitoring)["ALISIO_CANARY_QUEUES"] == "asleep"
