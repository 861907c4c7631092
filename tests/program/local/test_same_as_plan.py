"""What `make local` runs with is what `pulumi up` would give to the chart: key by key, with the same settings."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from chart.parts import Part
from chart.pods import worker_groups
from local.airflow.processes import PARTS, processes
from local.differences import arguments
from local.processes.process import python
from local.services import broker, postgres
from plan import Deployment, plan_stack
from plan.values import release
from tests.program.conftest import planned
from tests.program.local.environments import STATE, environment

COMPONENTS = (*PARTS, Part.FLOWER)
CHOSEN_BY_AWS = re.compile(r"(?<=[a-z])-[0-9a-f]{7}\b")
"""What autonaming puts behind a bucket's or a queue's name."""
QUEUE_HOST = re.compile(r"https?://[^/]+/\d{12}/")


@pytest.fixture(scope="module", params=["dev", "prod"])
def name(request: pytest.FixtureRequest) -> str:
    """Each stack in turn."""
    return str(request.param)


def on_aws(name: str) -> dict[str, Any]:
    """The Helm values in the plan of the whole program, without a load balancer: there is none on one machine."""
    return release(closed(name)).plain_inputs["values"]


@cache
def closed(name: str) -> Deployment:
    return plan_stack(name, config_overrides={"ingress": None})


def pods(name: str) -> list[tuple[str, Mapping[str, str], Mapping[str, str]]]:
    """Each component and worker group: its name, its environment here, and what the plan says of it."""
    values, here = on_aws(name), environment(name)
    shared = {**config(values), **variables(values["env"])}
    groups = {group["name"]: group for group in worker_groups(here.values)}
    there = {group["name"]: group for group in worker_groups(values)}
    assert groups.keys() == there.keys()
    return [
        *(
            (part.value, here.of(part), {**shared, **variables(values[part.values_key].get("env", []))})
            for part in COMPONENTS
        ),
        *(
            (group, here.of(Part.WORKER, groups[group]), {**shared, **variables(there[group].get("env", []))})
            for group in there
        ),
    ]


def config(values: Mapping[str, Any]) -> dict[str, str]:
    """airflow.cfg as variables."""
    sections: Mapping[str, Mapping[str, str]] = values["config"]
    found = {
        f"AIRFLOW__{section}__{key}".upper(): value for section, keys in sections.items() for key, value in keys.items()
    }
    bundles = values["dagProcessor"]["dagBundleConfigList"]
    return {**found, "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(bundles)}


def variables(listed: list[Mapping[str, Any]]) -> dict[str, str]:
    """Plain variables; those from Secrets are compared by their names."""
    return {each["name"]: each.get("value", "") for each in listed}


def neutral(value: str) -> Any:
    """Without what AWS and the emulator choose, and without the order of keys in JSON."""
    same = QUEUE_HOST.sub("", CHOSEN_BY_AWS.sub("", value))
    return json.loads(same) if same.startswith(("[", "{")) else same


def missing(here: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    """What the plan says and the local platform lacks, or has with another value."""
    return [
        f"{key}: {value!r}, here {here.get(key)!r}"
        for key, value in there.items()
        if (key not in here) or (value and neutral(here[key]) != neutral(value))
    ]


def test_every_setting_of_aws_is_in_the_local_run(name: str) -> None:
    """Every line of airflow.cfg and every variable that the plan gives to a pod is in the environment of the local
    process, with the same value, but for the one table of differences."""
    changed = environment(name).differences.changed
    for pod, here, there in pods(name):
        compared = {key: value for key, value in there.items() if key not in changed}
        assert len(compared) > 30
        assert missing(here, compared) == [], pod


def test_a_forgotten_setting_is_noticed(name: str) -> None:
    """The comparison fails for each key that is missing here, or has another value."""
    changed = environment(name).differences.changed
    _, here, there = pods(name)[0]
    for key in there.keys() - changed.keys():
        without = {other: value for other, value in here.items() if other != key}
        assert len(missing(without, {key: there[key]})) == 1
        if there[key]:
            assert len(missing({**here, key: "other"}, {key: there[key]})) == 1


def test_each_part_of_the_plan_runs(name: str) -> None:
    """There is a process for each part that the plan runs all the time, for each worker group, and for what looks into
    queues beside the dag-processor; and one log server in place of that in each worker and triggerer."""
    names = [process.name for process in processes(environment(name), directory=STATE.run)]
    values = on_aws(name)
    flower = ["flower"] if values["flower"]["enabled"] else []
    groups = [f"worker-{group['name']}" for group in worker_groups(values)]
    assert sorted(names) == sorted(
        ["api-server", "scheduler", "dag-processor", "queue-probe", "triggerer", *groups, *flower, "task-logs"]
    )


def test_a_worker_runs_the_command_of_its_pod(name: str) -> None:
    """A worker is started as the plan says, but for the arguments in the table."""
    here = {process.name: process.command for process in processes(environment(name), directory=STATE.run)}
    groups = worker_groups(on_aws(name))
    assert groups
    for group in groups:
        *_, line = group["args"]
        _, program, *there = shlex.split(line)
        own = arguments(Part.WORKER, group=group["name"])
        assert here[f"worker-{group['name']}"] == [*python(program), *there, *own]


def test_the_servers_are_set_as_on_aws(name: str) -> None:
    """What the plan sets for the database and the broker, the local ones do."""
    cache = planned(name).one("aws:elasticache/parameterGroup:ParameterGroup")
    here = broker.settings(password="secret", replicas=0)
    parameters = {each["name"]: each["value"] for each in cache.plain_inputs["parameters"]}
    assert parameters.keys() >= {"maxmemory-policy"}
    assert {key: here[key] for key in parameters} == parameters
    database = planned(name).one("aws:rds/parameterGroup:ParameterGroup")
    [force] = [each["value"] for each in database.plain_inputs["parameters"] if each["name"] == "rds.force_ssl"]
    assert force == "1"
    assert all(line.startswith("hostssl ") for line in postgres.ACCESS.splitlines())


def test_a_replica_of_the_broker_is_a_file_here() -> None:
    """Queues survive the broker where it has a replica on AWS, and are lost where it has none."""
    kept = {count: broker.settings(password="secret", replicas=count)["appendonly"] for count in (0, 1, 2)}
    assert kept == {0: "no", 1: "yes", 2: "yes"}


def test_what_the_table_changes_is_in_the_plan(name: str) -> None:
    """No difference is left over: all that the table changes, the plan has with another value."""
    changed = environment(name).differences.changed
    for _, _, there in pods(name):
        assert changed.keys() <= there.keys()
        assert all(there[key] != value for key, value in changed.items())
