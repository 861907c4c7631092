"""What `make local` runs with is what `pulumi up` would give to the chart: key by key, with the same settings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from plan.values import release
from tests.program.conftest import planned
from tests.program.local.environments import environment

COMPONENTS = ("apiServer", "scheduler", "dagProcessor", "triggerer", "flower")
CHOSEN_BY_AWS = re.compile(r"(?<=[a-z])-[0-9a-f]{7}\b")
"""What autonaming puts behind a bucket's or a queue's name."""
QUEUE_HOST = re.compile(r"https?://[^/]+/\d{12}/")


@pytest.fixture(scope="module", params=["dev", "prod"])
def name(request: pytest.FixtureRequest) -> str:
    """Each stack in turn."""
    return str(request.param)


def on_aws(name: str) -> dict[str, Any]:
    """The Helm values in the plan of the whole program."""
    return release(planned(name)).plain_inputs["values"]


def pods(name: str) -> list[tuple[str, Mapping[str, str], Mapping[str, str]]]:
    """Each component and worker group: its name, its environment here, and what the plan says of it."""
    values, here = on_aws(name), environment(name)
    shared = {**config(values), **variables(values["env"])}
    groups = {group["name"]: group for group in here.values["workers"]["celery"]["sets"]}
    there = {group["name"]: group for group in values["workers"]["celery"]["sets"]}
    assert groups.keys() == there.keys()
    return [
        *((key, here.of(key), {**shared, **variables(values[key].get("env", []))}) for key in COMPONENTS),
        *(
            (group, here.of_worker(groups[group]), {**shared, **variables(there[group].get("env", []))})
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


def test_what_the_table_changes_is_in_the_plan(name: str) -> None:
    """No difference is left over: all that the table changes, the plan has with another value."""
    changed = environment(name).differences.changed
    for _, _, there in pods(name):
        assert changed.keys() <= there.keys()
        assert all(there[key] != value for key, value in changed.items())
