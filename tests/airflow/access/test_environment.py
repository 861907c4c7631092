"""What the chart's values give to the api-server is what its own code takes: asked of Airflow with its defaults."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chart import access as chart_access
from chart import pod_code, pods
from chart.access import SignOn, access_file, machines_file
from chart.door import Door
from chart.endpoints import Endpoints
from chart.parts import Part
from chart.values import airflow_values
from settings import AccessSettings, AirflowSettings, MonitoringSettings

SECRET = "a-secret-of-the-tests"
SETTINGS: dict[str, dict[str, Any]] = {
    "provider": {
        "issuer": "https://id.example.com",
        "clientId": "airflow",
        "secretName": "unused",
        "roles": {"admins": "Admin", "everyone": "Viewer"},
        "contact": "the platform team",
        "machines": [
            {"name": "ci", "issuer": "https://ci.example.com", "subject": "job", "role": "Op", "audience": "x"}
        ],
    },
    "user pool": {"cognito": {"domainPrefix": "my-company"}, "contact": "us", "breakGlass": True, "sessionHours": 1},
}
CHECK = """
import json, sys
from airflow.configuration import conf
from alisio_pods.runtime.access import options
from alisio_pods.runtime.access.files import ACCESS_FILE, MACHINES_FILE, Access, Machines, client_secret, read, together

together(
    lambda: read(Access, ACCESS_FILE),
    lambda: read(Machines, MACHINES_FILE),
    client_secret,
    lambda: options.check(lambda section, key: conf.get(section, key, fallback="") or ""),
)
manager = conf.getimport("core", "auth_manager")
access, machines = read(Access, ACCESS_FILE), read(Machines, MACHINES_FILE)
print(json.dumps([manager.__name__, access.model_dump(), machines.model_dump(), client_secret()]))
"""


def environment(folder: Path, access: AccessSettings) -> dict[str, str]:
    """The api-server's variables, with the pod's folders moved below one of this machine."""
    door = Door(
        host="airflow.example.com",
        proxies=("10.0.192.0/21",),
        sign_on=SignOn(checksum="0", local_admin=access.has_local_admin),
    )
    endpoints = Endpoints(
        region="eu-west-1", secrets_prefix="a/b", dag_bucket="d", log_bucket="l", data_bucket="x", watched_queues={}
    )
    values = airflow_values(AirflowSettings(), MonitoringSettings(), endpoints, secrets_checksum="0", door=door)
    found = pods.environment(values, Part.API_SERVER)
    moved = {chart_access.FOLDER: folder / "access", pod_code.FOLDER: folder / "code"}
    variables: dict[str, str] = {}
    for name, value in found.items():
        if isinstance(value, str):
            for there, here in moved.items():
                value = value.replace(there, str(here))
            variables[name] = value
    return variables


def started(tmp_path: Path, access: AccessSettings, **changes: str) -> subprocess.CompletedProcess[str]:
    """What the api-server's own check says, in an Airflow that has these variables and no others of ours."""
    files = tmp_path / "access"
    files.mkdir()
    pod_code.place(tmp_path / "code")
    content = access_file(access, issuer="https://id.example.com", client_id="airflow", local_admin="admin")
    (files / chart_access.ACCESS_FILE).write_text(content)
    (files / chart_access.MACHINES_FILE).write_text(machines_file(access, audience="https://airflow.example.com"))
    (files / chart_access.CLIENT_SECRET).write_text(SECRET)
    inherited = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    home = {"HOME": str(tmp_path), "AIRFLOW_HOME": str(tmp_path / "airflow")}
    variables = {**inherited, **environment(tmp_path, access), **home, **changes}
    return subprocess.run(
        [sys.executable, "-c", CHECK], env=variables, cwd=tmp_path, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("kind", SETTINGS)
def test_the_api_server_takes_what_the_chart_gives_it(tmp_path: Path, kind: str) -> None:
    """Files, options and secret of each kind of single sign-on pass the check that is made before anything is served.

    What the settings do not say, Airflow's defaults say: they leave no hole either.
    """
    access = AccessSettings.model_validate_json(json.dumps(SETTINGS[kind]))
    done = started(tmp_path, access)
    assert done.returncode == 0, done.stderr
    manager, told, machines, secret = json.loads(done.stdout.splitlines()[-1])
    assert (manager, secret) == ("AccessFabAuthManager", SECRET)
    assert told["roles"] == dict(access.role_of_group)
    assert (told["groups_claim"], told["logout"]) == (access.claim, access.logout)
    assert told["break_glass"] == ("admin" if access.break_glass else None)
    assert list(machines["machines"]) == [each.name for each in access.machines]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AIRFLOW__FAB__ENABLE_PROXY_FIX", "True"),
        ("AIRFLOW__API__BASE_URL", "http://airflow.example.com"),
        ("FORWARDED_ALLOW_IPS", "*"),
        ("ALISIO_ACCESS", "/nowhere"),
    ],
)
def test_the_check_looks_at_what_the_chart_gives(tmp_path: Path, variable: str, value: str) -> None:
    """With another value of what the platform sets, the api-server says so and does not start."""
    access = AccessSettings.model_validate_json(json.dumps(SETTINGS["provider"]))
    done = started(tmp_path, access, **{variable: value})
    assert done.returncode != 0
    *_, error = done.stderr.splitlines()
    assert "AccessError" in error
    assert value in error
