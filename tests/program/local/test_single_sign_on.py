"""Single sign-on on one machine is what the program makes of the same settings on AWS, but for the table."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from chart import access, pod_code
from chart.parts import Part
from chart.pods import command
from chart.secrets import CLIENT_SECRET, FLOWER_LOGIN
from local import single_sign_on
from local.airflow.processes import processes
from local.differences import AIRFLOW_HOST, airflow_url
from local.ports import Ports
from plan import Deployment, plan_stack
from plan.values import release
from refused import Refused
from runtime.access.files import Access, Machines
from tests.program.facts import SIGN_ON
from tests.program.local.environments import STATE, environment
from tests.program.local.test_same_as_plan import config, missing, variables

INGRESS = {
    "domain": AIRFLOW_HOST,
    "certificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef",
}
SERVED = (Part.API_SERVER, Part.FLOWER)
PROXIES = "FORWARDED_ALLOW_IPS"
"""On AWS the load balancer's subnets, here the loopback interface."""


@cache
def planned() -> Deployment:
    """`dev` with the access settings of the local platform, behind a load balancer of the same name."""
    settings = single_sign_on.settings(Ports()).model_dump(mode="json", by_alias=True, exclude_defaults=True)
    overrides: dict[str, Any] = {"ingress": INGRESS, "access": settings, "accessSecret": SIGN_ON["accessSecret"]}
    return plan_stack("dev", config_overrides=overrides)


def placed(value: str) -> str:
    """A path of a pod, on this machine."""
    return environment("dev", signed_on=True).differences.placed(value)


@pytest.mark.parametrize("part", SERVED)
def test_the_environment_is_that_of_aws(part: Part) -> None:
    """Every variable that the plan gives to the pod is here, with the same value or the same file's place."""
    here = environment("dev", signed_on=True)
    values = release(planned()).plain_inputs["values"]
    there = {**config(values), **variables(values["env"]), **variables(values[part.values_key]["env"])}
    compared = {k: placed(v) for k, v in there.items() if k not in here.differences.changed and k != PROXIES}
    assert len(compared) > 30
    assert missing(here.of(part), compared) == []
    if part is Part.API_SERVER:
        assert {
            "ALISIO_ACCESS",
            "ALISIO_ACCESS_MACHINES",
            "ALISIO_ACCESS_SECRET",
            "ALISIO_FLOWER_LOGIN",
        } <= there.keys()
        assert PROXIES in there
        assert here.of(part)[PROXIES] == "127.0.0.1/32"


def test_the_api_server_believes_the_load_balancers_headers() -> None:
    """It is started with the arguments that the chart gets, here as there."""
    for signed_on, wanted in ((True, ["api-server", "--proxy-headers"]), (False, ["api-server"])):
        made = {each.name: each for each in processes(environment("dev", signed_on=signed_on), directory=STATE.run)}
        assert list(made["api-server"].command)[-len(wanted) :] == wanted
    shell = release(planned()).plain_inputs["values"]["apiServer"]["args"]
    assert shell == ["bash", "-c", "exec airflow api-server --proxy-headers"]


def test_arguments_that_are_no_call_of_airflow_are_refused() -> None:
    """Chart values may start a pod by another shell. Here that is said, and not ignored."""
    values = {**environment("dev").values, "apiServer": {"args": ["sh", "-c", "my-script"]}}
    with pytest.raises(Refused, match="my-script"):
        command(values, Part.API_SERVER)


def test_the_files_are_those_of_aws(tmp_path: Path) -> None:
    """What the api-server reads says the same of people and machines; only its owner can read it."""
    folder = tmp_path / "access"
    single_sign_on.write_files(folder, Ports(), client_secret="secret", flower_login="flower:login")
    maps = {
        each.inputs["metadata"]["name"]: each.plain_inputs["data"]
        for each in planned().of_type("kubernetes:core/v1:ConfigMap")
    }
    for name, key in ((access.ACCESS, access.ACCESS_FILE), (access.MACHINES, access.MACHINES_FILE)):
        here = (folder / key).read_text()
        assert json.loads(here.replace(airflow_url(Ports()), f"https://{AIRFLOW_HOST}")) == json.loads(maps[name][key])
    Access.model_validate_json((folder / access.ACCESS_FILE).read_text())
    Machines.model_validate_json((folder / access.MACHINES_FILE).read_text())
    assert {file.name for file in folder.iterdir()} >= {CLIENT_SECRET, FLOWER_LOGIN}
    assert all(file.stat().st_mode & 0o077 == 0 for file in [folder, *folder.iterdir()])


def test_without_it_nothing_of_it_is_there() -> None:
    """A plain run has passwords, Airflow's own auth manager, and no address of a load balancer."""
    here = environment("dev").of(Part.API_SERVER)
    assert not any(name.startswith("ALISIO_ACCESS") or name in ("SSL_CERT_FILE", PROXIES) for name in here)
    assert here["AIRFLOW__CORE__AUTH_MANAGER"] != pod_code.pod_name(pod_code.AUTH_MANAGER)
    assert "AIRFLOW__API__BASE_URL" not in here
