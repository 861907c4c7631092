"""Airflow's chart with single sign-on, as Helm would install it. Needs AIRFLOW_CHART."""

from __future__ import annotations

import configparser
from functools import cache
from typing import Any

import pytest

from plan import Deployment, plan_stack
from runtime.access import options
from tests.program.facts import SIGN_ON, USER_POOL
from tests.program.judges.manifests import Manifest, PodTemplate, by_kind, pod_templates, references, validate
from tests.program.judges.pod_security import violations
from tests.program.rendered import airflow_chart_with, chart_values

STACKS: dict[str, dict[str, Any]] = {
    "provider": SIGN_ON,
    "user pool": USER_POOL,
    "secret in Secrets Manager": {"access": {**SIGN_ON["access"], "secretName": "company/sso"}},
    "break-glass": {**SIGN_ON, "access": {**SIGN_ON["access"], "breakGlass": True}},
    "without Flower": {**SIGN_ON, "airflow": {"flower": {"enabled": False}}},
}
KINDS = pytest.mark.parametrize("kind", STACKS)
# Airflow's defaults of what the platform does not set. tests/airflow/access/test_environment.py asks Airflow itself.
DEFAULTS = {
    ("fab", "session_backend"): "database",
    ("fab", "auth_backends"): "airflow.providers.fab.auth_manager.api.auth.backend.session",
}


@cache
def deployment(kind: str) -> Deployment:
    """`prod` with one kind of single sign-on."""
    return plan_stack("prod", config_overrides=STACKS[kind])


@cache
def manifests(kind: str) -> list[Manifest]:
    """What the official chart makes of it."""
    return airflow_chart_with(chart_values(deployment(kind)))


def pods(kind: str) -> list[PodTemplate]:
    return pod_templates(manifests(kind), namespace="airflow")


def api_server(kind: str) -> PodTemplate:
    """The pod of the api-server."""
    [found] = [each for each in pods(kind) if each.labels["component"] == "api-server"]
    return found


def made(kind: str, token: str, field: str) -> dict[str, set[str]]:
    """Name -> keys of the Secrets or ConfigMaps that the program makes."""
    return {
        each.inputs["metadata"]["name"]: set(each.plain_inputs[field])
        for each in deployment(kind).of_type(token)
        if each.inputs["metadata"]["namespace"] == "airflow"
    }


def options_of(kind: str) -> dict[tuple[str, str], str]:
    """Options of the api-server as Airflow would read them: a variable wins over the file."""
    [file] = [each["data"]["airflow.cfg"] for each in by_kind(manifests(kind), "ConfigMap").values()]
    parser = configparser.RawConfigParser()
    parser.read_string(file)
    found = {(section, key): value for section in parser.sections() for key, value in parser[section].items()}
    for name, value in variables(kind).items():
        head, _, rest = name.partition("__")
        if head == "AIRFLOW":
            section, _, key = rest.lower().partition("__")
            found[section, key] = value
    return {**DEFAULTS, **found}


def variables(kind: str) -> dict[str, str]:
    """Variables of the api-server's container that are no secrets."""
    [container] = api_server(kind).spec["containers"]
    return {each["name"]: each["value"] for each in container["env"] if "value" in each}


@KINDS
def test_kubernetes_and_the_namespace_take_every_object(kind: str) -> None:
    """Strictly validated, and without one violation of Pod Security Standard `restricted`."""
    assert validate(manifests(kind)).errors == []
    assert violations(manifests(kind)) == []


@KINDS
def test_what_pods_mount_is_there_with_its_keys_and_all_that_is_there_is_read(kind: str) -> None:
    """No pod waits for a file that nobody makes, and no Secret lies about."""
    there = {
        "Secret": made(kind, "kubernetes:core/v1:Secret", "stringData"),
        "ConfigMap": {
            **made(kind, "kubernetes:core/v1:ConfigMap", "data"),
            **{name: set(each["data"]) for name, each in by_kind(manifests(kind), "ConfigMap").items()},
        },
    }
    read = {wanted for pod in pods(kind) for wanted in references(pod)}
    for wanted in read:
        assert wanted.name in there[wanted.kind], wanted
        assert wanted.key is None or wanted.key in there[wanted.kind][wanted.name], wanted
    assert {each.name for each in read if each.kind == "Secret"} == set(there["Secret"])


@KINDS
def test_the_clients_secret_is_mounted_by_the_api_server_alone(kind: str) -> None:
    """So are the files of who gets in. Flower's password is Flower's and the api-server's."""
    readers = {
        name: {pod.labels["component"] for pod in pods(kind) for each in references(pod) if each.name == name}
        for name in ("alisio-sign-on", "alisio-access", "alisio-machines", "alisio-flower")
    }
    assert readers["alisio-access"] == readers["alisio-machines"] == {"api-server"}
    assert readers["alisio-sign-on"] == (set() if kind == "secret in Secrets Manager" else {"api-server"})
    assert readers["alisio-flower"] == (set() if kind == "without Flower" else {"api-server", "flower"})


@KINDS
def test_the_files_are_where_the_variables_say_and_follow_their_source(kind: str) -> None:
    """Each variable names a file of the mounted folder. None is mounted alone, as such a file never changes."""
    spec = api_server(kind).spec
    [volume] = [each for each in spec["volumes"] if each["name"] == "alisio-access"]
    there = {
        item["path"]
        for source in volume["projected"]["sources"]
        for of in source.values()
        for item in of["items"]
    }  # fmt: skip
    for container in (*spec["initContainers"], *spec["containers"]):
        [mount] = [each for each in container["volumeMounts"] if each["name"] == "alisio-access"]
        assert "subPath" not in mount
        assert (mount["mountPath"], mount["readOnly"]) == ("/etc/alisio", True)
    named = {
        value
        for name, value in variables(kind).items()
        if name.startswith(("ALISIO_ACCESS", "ALISIO_FLOWER")) and value.startswith("/")
    }
    assert named == {f"/etc/alisio/{path}" for path in there}


@KINDS
def test_the_api_server_finds_no_hole_in_its_options(kind: str) -> None:
    """The check that it makes when it starts, on the rendered file and variables."""
    found = options_of(kind)
    options.check(lambda section, key: found.get((section, key), ""), variables(kind))
    assert options.base_url(lambda section, key: found.get((section, key), "")) == "https://airflow.example.com"


@KINDS
def test_only_the_api_server_runs_the_platforms_auth_manager(kind: str) -> None:
    """The other parts have Airflow's own, and nothing of the door."""
    for pod in pods(kind):
        for _, container in pod.containers():
            names = {each["name"] for each in container.get("env", [])}
            mine = pod.labels["component"] == "api-server" and container["name"] == "api-server"
            assert ("AIRFLOW__CORE__AUTH_MANAGER" in names) is mine, f"{pod.owner} {container['name']}"


@KINDS
def test_flower_is_served_at_the_path_at_which_it_is_asked(kind: str) -> None:
    """Its prefix, port and service are those of the api-server's variable."""
    services = by_kind(manifests(kind), "Service")
    url = variables(kind).get("ALISIO_FLOWER_URL")
    if kind == "without Flower":
        assert url is None
        assert "airflow-flower" not in services
        return
    assert url is not None
    name, _, port = url.removeprefix("http://").partition(":")
    assert [each["port"] for each in services[name]["spec"]["ports"]] == [int(port)]
    [flower] = [each for each in pods(kind) if each.labels["component"] == "flower"]
    [container] = flower.spec["containers"]
    assert {"name": "AIRFLOW__CELERY__FLOWER_URL_PREFIX", "value": "flower"} in container["env"]


@KINDS
def test_the_job_that_makes_the_administrator_runs_with_break_glass_only(kind: str) -> None:
    """With single sign-on nobody has a password, unless somebody asked for an emergency."""
    parts = {pod.labels["component"] for pod in pods(kind)}
    assert ("create-user-job" in parts) is (kind == "break-glass")
