"""Machines get in by the word of their own issuer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import httpx
import jwt
import pytest
from door import Door

from tests.airflow.access.provider import STRANGER, Claims, Provider, signed


@pytest.fixture
def machine(door: Door, provider: Provider) -> Iterator[Claims]:
    """True claims of a job, which the settings know as `deploy`."""
    machines = {"deploy": {"issuer": provider.issuer, "subject": "repo:a/b:environment:prod", "role": "User"}}
    door.write("machines", {"audience": "https://airflow.test", "machines": machines})
    provider.reset()
    yield {**provider.claims(), "sub": "repo:a/b:environment:prod", "aud": "https://airflow.test"}
    door.write("machines", {"audience": "https://airflow.test", "machines": {}})


ASSERTIONS: dict[str, tuple[int, Callable[[Claims], object]]] = {
    "good": (201, signed),
    "good, several audiences": (201, lambda c: signed({**c, "aud": ["x", c["aud"]]})),
    "key": (400, lambda c: signed(c, key=STRANGER)),
    "alg none": (400, lambda c: signed(c, algorithm="none")),
    "audience": (400, lambda c: signed({**c, "aud": "airflow"})),
    "no audience": (400, lambda c: signed({k: v for k, v in c.items() if k != "aud"})),
    "issuer": (400, lambda c: signed({**c, "iss": "https://evil.example"})),
    "expired": (400, lambda c: signed({**c, "exp": int(time.time()) - 600})),
    "no expiry": (400, lambda c: signed({k: v for k, v in c.items() if k != "exp"})),
    "not yet": (400, lambda c: signed({**c, "nbf": int(time.time()) + 600})),
    "subject": (401, lambda c: signed({**c, "sub": "repo:a/b:pull_request"})),
    "no JWT": (400, lambda _: "x.y"),
    "no text": (400, lambda _: {"a": 1}),
    "empty": (400, lambda _: ""),
}


@pytest.mark.parametrize("case", ASSERTIONS)
def test_a_machine_gets_in_by_its_issuers_word_alone(url: str, machine: Claims, case: str) -> None:
    """Only an assertion of the issuer, for this Airflow, for now and for a known subject gives a token."""
    status, make = ASSERTIONS[case]
    answer = httpx.post(f"{url}/auth/token", json={"assertion": make(machine)})
    assert answer.status_code == status, answer.text


def test_a_machines_token_lives_an_hour(url: str, machine: Claims) -> None:
    """Airflow's own default is a day."""
    token = httpx.post(f"{url}/auth/token", json={"assertion": signed(machine)}).json()["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == pytest.approx(3600, abs=2)


def test_a_machine_has_its_role_until_its_line_goes(url: str, other: str, door: Door, machine: Claims) -> None:
    """A machine may do what its role may. Without its line, or with another role, the token that is out is dead."""
    token = httpx.post(f"{url}/auth/token", json={"assertion": signed(machine)}).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    def got(path: str, server: str = url) -> int:
        return httpx.get(f"{server}{path}", headers=headers).status_code

    assert (got("/api/v2/dags"), got("/api/v2/dags", other), got("/api/v2/connections")) == (200, 200, 403)
    assert door.users()["service:deploy"] == "User"
    document = json.loads((door.root / "machines.json").read_text())
    document["machines"]["deploy"]["role"] = "Op"
    door.write("machines", document)
    assert got("/api/v2/dags") == 403
    token = httpx.post(f"{other}/auth/token", json={"assertion": signed(machine)}).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (got("/api/v2/connections"), got("/api/v2/connections", other)) == (200, 200)
    door.write("machines", {**document, "machines": {}})
    assert (got("/api/v2/dags"), got("/api/v2/dags", other)) == (403, 403)
    (door.root / "machines.json").write_text("{")
    assert httpx.post(f"{url}/auth/token", json={"assertion": signed(machine)}).status_code == 503
