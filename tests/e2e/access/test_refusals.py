"""An api-server whose door is not whole does not start."""

from __future__ import annotations

import pytest
from door import Door

from local.ports import Ports

BROKEN: dict[str, tuple[dict[str, str], str]] = {
    "no file for Flask": ({"AIRFLOW__FAB__CONFIG_FILE": "/none.py"}, "/none.py, and no file of the platform"),
    "another file for Flask": ({"AIRFLOW__FAB__CONFIG_FILE": "{root}/mine.py"}, "mine.py, and no file of the platform"),
    "no file of access": ({"ALISIO_ACCESS": "/none.json"}, "/none.json, which cannot be read: No such file"),
    "no name of a file": ({"ALISIO_ACCESS": ""}, "ALISIO_ACCESS is not set"),
    "no secret": ({"ALISIO_ACCESS_SECRET": "/none"}, "ALISIO_ACCESS_SECRET names /none"),
    "wrong content": ({"ALISIO_ACCESS": "{root}/wrong.json"}, "issuer: Value error, must be a URL"),
    "two things": (
        {"ALISIO_ACCESS": "/none.json", "ALISIO_ACCESS_SECRET": "/none"},
        "/none.json, which cannot be read: No such file or directory; ALISIO_ACCESS_SECRET names /none",
    ),
    "options": ({"AIRFLOW__FAB__ENABLE_PROXY_FIX": "True", "FORWARDED_ALLOW_IPS": "*"}, "FORWARDED_ALLOW_IPS is '*'"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_an_api_server_without_its_door_does_not_start(door: Door, ports: Ports, url: str, case: str) -> None:
    """Whatever is wrong or missing ends the api-server with one line that says so. Airflow would take passwords."""
    variables, reason = BROKEN[case]
    (door.root / "mine.py").write_text("AUTH_TYPE = 1\n")
    door.write("wrong", door.access(issuer="ftp://x", roles={"g": "Root"}))
    status, said = door.refused(ports.broker, **{k: v.format(root=door.root) for k, v in variables.items()})
    assert status == 1
    assert said.startswith("Access to Airflow is not set up: ")
    assert reason in said
    if case == "wrong content":
        assert "roles.g" in said
    if case == "options":
        assert "enable_proxy_fix" in said
