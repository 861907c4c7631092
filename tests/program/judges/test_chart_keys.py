"""The table of the chart's keys, and the judge of values that reads it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

import versions
from tests.program.rendered import airflow_chart

from .chart_keys import TABLE, Key, head, of_chart, read, text
from .chart_values import problems

SCHEMA: dict[str, Any] = {
    "description": "Prose that no line of the table repeats.",
    "properties": {
        "executor": {"type": "string", "pattern": "Executor$", "description": "Prose."},
        "pullPolicy": {"enum": ["Always", "Never"], "type": ["null", "string"]},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "hosts": {
            "items": {"oneOf": [{"type": "string"}, {"properties": {"name": {"type": "string"}}, "type": "object"}]}
        },
        "groomer": {"$ref": "#/definitions/groomer"},
        "probe": {"$ref": "#/definitions/io.k8s.api.core.v1.Probe", "type": ["object", "null"]},
    },
    "definitions": {
        "groomer": {"type": "object", "required": ["days"], "properties": {"days": {"type": "integer", "minimum": 0}}}
    },
}
VALUES: dict[str, Any] = {"executor": "CeleryExecutor", "groomer": {"days": 15}, "args": ["x" * 80], "only": {"a": 1}}
LINES = """
args\t\t\t\t...
executor\tstring\t\t{"pattern": "Executor$"}\t"CeleryExecutor"
groomer\tobject\t\t\t
groomer.days\tinteger\tyes\t{"minimum": 0}\t15
hosts\t\t\t\t
hosts[]\tobject|string\t\t\t
hosts[].name\tstring\t\t\t
labels\tobject\t\t\t
labels.*\tstring\t\t\t
only\t\t\t\t
only.a\t\t\t\t1
probe\tio.k8s.api.core.v1.Probe|null\t\t\t
pullPolicy\tstring|null\t\t{"enum": ["Always", "Never"]}\t
"""


@pytest.fixture
def made(tmp_path: Path) -> str:
    """The table of a small chart."""
    (tmp_path / "Chart.yaml").write_text("version: 1.2.3")
    (tmp_path / "values.yaml").write_text(yaml.safe_dump(VALUES))
    (tmp_path / "values.schema.json").write_text(json.dumps(SCHEMA))
    return of_chart(tmp_path)


def keys(made: str, tmp_path: Path) -> list[Key]:
    file = tmp_path / "keys.tsv"
    file.write_text(made)
    return read(file)


def test_a_chart_becomes_a_table_of_facts(made: str) -> None:
    """Every key of schema and values has a line: its types, limits and default, and none of the chart's prose."""
    assert made == f"{head('1.2.3')}\npath\ttypes\trequired\tlimits\tdefault{LINES}"


def test_what_is_written_is_what_is_read(made: str, tmp_path: Path) -> None:
    """Quotes and brackets of JSON survive the table's form."""
    assert text("1.2.3", keys(made, tmp_path)) == made


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"executer": "x"}, "(root): Additional properties are not allowed ('executer' was unexpected)"),
        ({"executor": "Celery"}, "executor: 'Celery' does not match 'Executor$'"),
        ({"pullPolicy": "Sometimes"}, "pullPolicy: 'Sometimes' is not one of ['Always', 'Never']"),
        ({"labels": {"team": 1}}, "labels.team: 1 is not of type 'string'"),
        ({"hosts": [1]}, "hosts.0: 1 is not of type 'object', 'string'"),
        ({"groomer": {}}, "groomer: 'days' is a required property"),
        ({"groomer": {"days": -1}}, "groomer.days: -1 is less than the minimum of 0"),
    ],
)
def test_a_wrong_value_is_told_with_its_path(made: str, tmp_path: Path, values: dict[str, Any], problem: str) -> None:
    """Unknown keys, wrong types and values outside the limits are found."""
    assert problems(values, keys(made, tmp_path)) == [problem]


def test_right_values_have_no_problem(made: str, tmp_path: Path) -> None:
    """A key with null counts as absent, and what holds no known keys accepts any."""
    good = {"executor": "KubernetesExecutor", "labels": {"any": "thing"}, "hosts": ["a", {"name": "b"}]}
    assert (
        problems({**good, "unknown": None, "args": {"any": 1}, "probe": {"periodSeconds": 1}}, keys(made, tmp_path))
        == []
    )


def test_the_chart_s_own_defaults_have_no_problem() -> None:
    """Each default in the table fits its own line."""
    for key in read():
        *parents, last = key.path.split(".")
        if key.default in ("", "...") or {"[]", "*"} & set(key.path):
            continue
        values: dict[str, Any] = {last: json.loads(key.default)}
        for parent in reversed(parents):
            values = {parent: values}
        assert [found for found in problems(values) if "required" not in found] == [], key.path


@pytest.mark.parametrize(
    "path",
    [
        "schedular",
        "scheduler.replica",
        "workers.celery.replica",
        "workers.celery.keda.on",
        "workers.celery.sets[].que",
        "workers.celery.sets[].keda.on",
        "dagProcessor.dagBundleConfigList[].team",
        "securityContexts.pod.runAsUsr",
        "env[].valueFrm",
    ],
)
def test_a_misspelt_key_is_found(path: str) -> None:
    """At every depth, in worker sets, and inside Kubernetes's own types."""
    *parents, last = path.replace("[]", ".[]").split(".")
    values: Any = {last: 1}
    for step in reversed(parents):
        values = [values] if step == "[]" else {step: values}
    assert any(f"'{last}'" in problem for problem in problems(values)), problems(values)


@pytest.mark.parametrize(
    "values",
    [
        {"uid": "fifty"},
        {"images": {"airflow": {"pullPolicy": "Sometimes"}}},
        {"config": {"core": {"parallelism": [1]}}},
        {"workers": {"celery": {"sets": [{"name": "a", "replicas": "two"}]}}},
        {"scheduler": {"resources": {"limits": "2Gi"}}},
        {"executor": "celery"},
    ],
)
def test_a_value_of_another_type_is_found(values: dict[str, Any]) -> None:
    """Also in worker sets, where the chart's own schema accepts anything."""
    assert len(problems(values)) == 1


def test_the_table_is_that_of_the_pinned_chart() -> None:
    """Whoever raises the pin makes the table anew."""
    assert TABLE.read_text(encoding="utf-8").splitlines()[0] == head(versions.AIRFLOW_CHART)


def test_the_table_is_what_the_chart_says(tmp_path: Path) -> None:
    """Made anew from the chart it is the same, and the chart's own values have no problem."""
    chart = airflow_chart()
    if chart.is_file():
        shutil.unpack_archive(chart, tmp_path, filter="data")
        chart = tmp_path / "airflow"
    assert of_chart(chart) == TABLE.read_text(encoding="utf-8")
    assert problems(yaml.safe_load((chart / "values.yaml").read_text(encoding="utf-8"))) == []
