"""The files of access, and Airflow's options beside them: every mistake is named, and no secret is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from runtime.access import options
from runtime.access.files import (
    ACCESS_FILE,
    MACHINES_FILE,
    SECRET_FILE,
    Access,
    AccessError,
    Machines,
    client_secret,
    read,
)
from runtime.access.machine_file import MachineFile

GOOD: dict[str, Any] = {
    "issuer": "https://id.example.com",
    "client_id": "airflow",
    "scopes": ["openid"],
    "groups_claim": "groups",
    "roles": {"g": "Admin"},
    "session_hours": 8,
    "contact": "us",
}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"issuer": "http://id.example.com"}, "issuer: .*https://"),
    ({"issuer": "https://id.example.com?x=1"}, "issuer: .*without user, query"),
    ({"issuer": "https://a:b@id.example.com"}, "issuer: .*without user, query"),
    ({"scopes": ["email"]}, "scopes: .*must contain openid"),
    ({"roles": {}}, "roles: "),
    ({"roles": {"g": "Public"}}, "roles.g: .*'Admin', 'Op', 'User' or 'Viewer'"),
    ({"session_hours": 0}, "session_hours: "),
    ({"session_hours": 25}, "session_hours: "),
    ({"sesion_hours": 3}, "sesion_hours: Extra"),
    ({"issuer": "x", "client_id": ""}, "issuer: .*; client_id: "),
]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "file"
    for variable in (ACCESS_FILE, MACHINES_FILE, SECRET_FILE):
        monkeypatch.setenv(variable, str(path))
    return path


@pytest.mark.parametrize(("change", "said"), WRONG)
def test_a_wrong_file_says_what_is_wrong(file: Path, change: dict[str, Any], said: str) -> None:
    """Each mistake stands in the error with its path and what is allowed, all at once."""
    file.write_text(json.dumps({**GOOD, **change}))
    with pytest.raises(AccessError, match=said):
        read(Access, ACCESS_FILE)


def test_a_right_file_is_read(file: Path) -> None:
    """What the file says is what is used."""
    file.write_text(json.dumps(GOOD))
    assert read(Access, ACCESS_FILE).roles == {"g": "Admin"}


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff"])
def test_a_missing_or_empty_secret_is_refused(file: Path, content: bytes | None) -> None:
    """It is never an OSError, which Flask takes for a configuration file that is missing on purpose."""
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(AccessError) as caught:
        client_secret()
    assert not isinstance(caught.value, OSError)


def test_a_secret_loses_its_line_end(file: Path) -> None:
    """An editor's line end is no part of the secret."""
    file.write_text("s3cret\n")
    assert client_secret() == "s3cret"


def test_machines_are_those_of_the_file_as_it_is_now(file: Path) -> None:
    """A line that goes takes the machine away at once. While the file is broken there is none."""
    one = {"issuer": "https://ci.example", "subject": "s", "role": "Op"}
    machines = MachineFile()
    file.write_text(json.dumps({"audience": "a", "machines": {"one": one}}))
    found = machines.of("service:one")
    assert found
    assert found.role == "Op"
    assert machines.of("service:two") is None
    file.write_text("{")
    assert machines.of("service:one") is None
    file.write_text(json.dumps({"audience": "a", "machines": {"one": one}}))
    assert machines.of("service:one")
    file.unlink()
    assert machines.of("service:one") is None


@pytest.mark.parametrize("name", ["", "a:b", "A", "-a", "a" * 64])
def test_names_of_machines_are_plain(file: Path, name: str) -> None:
    """A machine's name is a part of a user name."""
    file.write_text(
        json.dumps({"audience": "a", "machines": {name: {"issuer": "https://x", "subject": "s", "role": "Op"}}})
    )
    with pytest.raises(AccessError, match="machines"):
        read(Machines, MACHINES_FILE)


SAFE = {
    ("api", "base_url"): "https://airflow.example.com",
    ("fab", "cookie_secure"): "True",
    ("fab", "session_backend"): "database",
    ("fab", "enable_proxy_fix"): "False",
    ("fab", "auth_backends"): "airflow.providers.fab.auth_manager.api.auth.backend.session",
}


@pytest.mark.parametrize(
    ("change", "networks", "said"),
    [
        ({("api", "base_url"): "http://airflow.example.com"}, "", "base_url"),
        ({("api", "base_url"): ""}, "", "base_url"),
        ({("fab", "cookie_secure"): ""}, "", "cookie_secure"),
        ({("fab", "session_backend"): "securecookie"}, "", "session_backend"),
        ({("fab", "auth_role_public"): "Admin"}, "", "auth_role_public"),
        ({("fab", "enable_proxy_fix"): "True"}, "", "enable_proxy_fix"),
        ({("fab", "auth_backends"): "airflow.providers.fab.auth_manager.api.auth.backend.basic_auth"}, "", "passwords"),
        ({}, "*", "FORWARDED_ALLOW_IPS"),
        ({}, "10.0.0.0/24, 0.0.0.0/0", "FORWARDED_ALLOW_IPS"),
    ],
)
def test_an_option_that_opens_a_hole_is_refused(change: dict[tuple[str, str], str], networks: str, said: str) -> None:
    """Each option that the door relies on is looked at; with all of them right, nothing is said."""
    environment = {"FORWARDED_ALLOW_IPS": "10.0.0.0/24"}
    options.check(lambda section, key: SAFE.get((section, key), ""), environment)
    values = {**SAFE, **change}
    with pytest.raises(AccessError, match=said):
        options.check(lambda s, k: values.get((s, k), ""), {"FORWARDED_ALLOW_IPS": networks or "10.0.0.0/24"})
