"""What runs on one machine has the environment of the pods that the official chart renders from the same values.

What differs stands in one table. Needs AIRFLOW_CHART, the path of the chart.
"""

from __future__ import annotations

import configparser
import json
import shlex
from collections.abc import Mapping
from typing import Any

import pytest

from chart import queue_probe
from chart.parts import Part
from chart.pods import sidecars, worker_groups
from local.airflow.environment import AirflowEnvironment
from local.airflow.processes import PARTS, TASK_LOGS, processes
from local.differences import INHERITED, arguments
from local.processes.process import python
from tests.program.judges.manifests import Manifest, by_kind, pod_templates
from tests.program.local.environments import STATE
from tests.program.local.environments import environment as environment_of
from tests.program.rendered import airflow_chart_with

WITHOUT_EFFECT = {
    # Sections of the chart's airflow.cfg that nothing of ours reads.
    *("elasticsearch", "elasticsearch_configs", "kerberos", "kubernetes_executor"),
    *("celery_kubernetes_executor", "webserver", "traces"),
}
ONLY_ON_AWS = {
    ("core", "dags_folder"): "nothing reads it: DAGs come from the bundle",
    ("core", "execution_api_server_url"): "a difference: AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
    ("celery", "flower_url_prefix"): "empty without an ingress",
    ("metrics", "otel_host"): "there is no collector",
    ("metrics", "otel_port"): "there is no collector",
    ("metrics", "otel_on"): "there is no collector",
}
PODS = {f"airflow-{part.value}": part for part in (*PARTS, Part.FLOWER)}
SET_BY_THE_CHART = {
    "AIRFLOW_HOME": "a difference",
    "DUMB_INIT_SETSID": "of the image's entry point: lets a worker end its tasks",
}


@pytest.fixture(scope="module")
def environment() -> AirflowEnvironment:
    """What `make local` runs with."""
    return environment_of("local")


@pytest.fixture(scope="module")
def rendered(environment: AirflowEnvironment) -> list[Manifest]:
    """What the official chart makes of the same values."""
    return airflow_chart_with(dict(environment.values))


def container(rendered: list[Manifest], name: str, sidecar: str | None = None) -> dict[str, Any]:
    """A pod's first container, or another one by its name."""
    [pod] = [each for each in pod_templates(rendered) if each.owner in (f"Deployment/{name}", f"StatefulSet/{name}")]
    first, *others = pod.spec["containers"]
    return next(each for each in others if each["name"] == sidecar) if sidecar else first


def in_the_pod(
    rendered: list[Manifest], name: str, secrets: Mapping[str, Mapping[str, str]], sidecar: str | None = None
) -> dict[str, str]:
    """The environment of a pod's first container, or of another one, with the Secrets looked up."""
    found: dict[str, str] = {}
    for variable in container(rendered, name, sidecar)["env"]:
        match variable:
            case {"valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}:
                found[variable["name"]] = secrets[secret][key]
            case _:
                found[variable["name"]] = str(variable.get("value", ""))
    return found


def check(here: Mapping[str, str], there: Mapping[str, str], table: Mapping[str, str]) -> list[str]:
    """What is on AWS and is not here, or has another value, and stands in no table."""
    excused = {*table, *SET_BY_THE_CHART}
    return [
        f"{name}: {there[name]!r}, here {here.get(name)!r}"
        for name in there
        if name not in excused and here.get(name) != there[name]
    ]


@pytest.mark.parametrize("pod", PODS)
def test_a_component_has_the_environment_of_its_pod(
    pod: str, environment: AirflowEnvironment, rendered: list[Manifest]
) -> None:
    """Every variable that the chart gives to a pod, the local process has too, with the same value."""
    there = in_the_pod(rendered, pod, environment.secrets)
    assert check(environment.of(PODS[pod]), there, environment.differences.changed) == []


def test_a_worker_has_the_environment_of_its_pod(environment: AirflowEnvironment, rendered: list[Manifest]) -> None:
    """As for the components, for each worker group."""
    for group in worker_groups(environment.values):
        there = in_the_pod(rendered, f"airflow-worker-{group['name']}", environment.secrets)
        assert check(environment.of(Part.WORKER, group), there, environment.differences.changed) == []


def test_a_part_runs_the_command_of_its_pod(environment: AirflowEnvironment, rendered: list[Manifest]) -> None:
    """Every process is started as the chart starts its pod, but for the arguments in the table. The log server is a
    child of the chart's workers and triggerer."""
    for process in processes(environment, directory=STATE.run):
        if process.name in (TASK_LOGS, queue_probe.NAME):
            continue
        there = container(rendered, f"airflow-{process.name}")
        *_, script = there["args"]
        # For a shell, the line goes on after a backslash; for shlex it does not.
        begin, program, *command = shlex.split(script.replace("\\\n", " "))
        assert (begin, program) == ("exec", "airflow")
        part = Part.WORKER if process.name.startswith("worker-") else Part(process.name)
        own = arguments(part, group=process.name.removeprefix("worker-"))
        assert list(process.command) == [*python("airflow"), *command, *own]


def test_a_sidecar_runs_as_in_its_pod(environment: AirflowEnvironment, rendered: list[Manifest]) -> None:
    """The queue probe is a process with the command and the variables of its container, as the chart renders it."""
    [values] = sidecars(environment.values, Part.DAG_PROCESSOR)
    [process] = [each for each in processes(environment, directory=STATE.run) if each.name == queue_probe.NAME]
    there = container(rendered, "airflow-dag-processor", queue_probe.NAME)
    assert there == values
    program, *arguments = there["command"]
    assert (program, arguments) == ("python", list(process.command)[1:])
    variables = in_the_pod(rendered, "airflow-dag-processor", environment.secrets, queue_probe.NAME)
    assert check(process.environment, variables, environment.differences.changed) == []
    assert set(process.environment) <= {*variables, *INHERITED}


def test_every_line_of_airflow_cfg_is_in_the_environment(
    environment: AirflowEnvironment, rendered: list[Manifest]
) -> None:
    """A setting added for AWS is in the local run too."""
    maps = by_kind(rendered, "ConfigMap").values()
    [text] = [each["data"]["airflow.cfg"] for each in maps if "airflow.cfg" in each.get("data", {})]
    parser = configparser.RawConfigParser(interpolation=None)
    parser.read_string(text)
    here = environment.of(Part.SCHEDULER)
    wrong: list[str] = []
    for section in set(parser.sections()) - WITHOUT_EFFECT:
        for key, value in parser[section].items():
            name = f"AIRFLOW__{section.upper()}__{key.upper()}"
            if (section, key) in ONLY_ON_AWS or name in environment.differences.changed:
                continue
            if not same(here.get(name), value):
                wrong.append(f"[{section}] {key} = {value!r}, here {here.get(name)!r}")
    assert wrong == []


def same(here: str | None, there: str) -> bool:
    """Equal, but for the form in which the chart writes its list of bundles."""
    if here and here.startswith("["):
        return json.loads(here) == json.loads(there)
    return here == there


def test_a_forgotten_setting_is_noticed(environment: AirflowEnvironment, rendered: list[Manifest]) -> None:
    """The comparison fails for a variable that is missing here, and for one with another value."""
    there = in_the_pod(rendered, "airflow-scheduler", environment.secrets)
    here = environment.of(Part.SCHEDULER)
    changed = environment.differences.changed
    without = {name: value for name, value in here.items() if name != "ALISIO_DATA_BUCKET"}
    assert len(check(without, there, changed)) == 1
    assert len(check({**here, "PGSSLMODE": "prefer"}, there, changed)) == 1


def test_the_table_holds_only_what_differs(environment: AirflowEnvironment, rendered: list[Manifest]) -> None:
    """No entry is left over: what the table changes, AWS has with another value; what it adds, AWS's pods lack."""
    there = in_the_pod(rendered, "airflow-scheduler", environment.secrets)
    here = environment.differences
    cfg = {
        *("AIRFLOW__CELERY__SSL_CACERT", "AIRFLOW__CORE__HOSTNAME_CALLABLE"),
        *("AIRFLOW__METRICS__STATSD_HOST", "AIRFLOW__METRICS__STATSD_PORT"),
    }
    assert set(here.changed) <= {*there, *cfg}
    assert all(there.get(name) != value for name, value in here.changed.items())
    assert {name for name in here.added if name in there} <= {"AIRFLOW_HOME"}
