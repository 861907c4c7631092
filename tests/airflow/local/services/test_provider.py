"""The provider of the local platform refuses what a company's own refuses, and says who somebody is now."""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from local.ports import Ports
from local.services.certificates import certificates
from local.services.node_programs import installed
from local.services.provider import CLIENT_ID, MACHINE_ID, Keys, keys, people, process
from local.state import State
from refused import Refused
from tests.airflow.local.conftest import mode

AIRFLOW = "https://airflow.localhost:8443"
BACK = f"{AIRFLOW}/auth/oauth-authorized/sso"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
Form = dict[str, str]


@dataclass
class Running:
    """A provider that runs, and a browser."""

    url: str
    keys: Keys
    state: State
    trusting: ssl.SSLContext

    def browser(self) -> httpx.Client:
        return httpx.Client(verify=self.trusting, base_url=self.url, follow_redirects=False)

    def asked(self, browser: httpx.Client, **changes: str | None) -> httpx.Response:
        """The answer to somebody whom Airflow sends."""
        query = {
            "client_id": CLIENT_ID,
            "response_type": "code",
            "scope": "openid email profile groups",
            "redirect_uri": BACK,
            "state": "s",
            "nonce": "n",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        return browser.get("/auth", params={k: v for k, v in query.items() if v is not None})

    def entered(self, name: str, password: str | None = None) -> httpx.Response:
        """The answer to somebody who fills in the form."""
        with self.browser() as browser:
            form = self.asked(browser).headers["location"]
            answer = browser.post(form, data={"name": name, "password": password or self.keys.password})
            return browser.get(answer.headers["location"]) if answer.is_redirect else answer

    def token(self, name: str, *, secret: str | None = None, verifier: str = VERIFIER) -> httpx.Response:
        """What Airflow gets for the code of somebody who has just logged in."""
        code = httpx.URL(self.entered(name).headers["location"]).params["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": verifier}
        with self.browser() as client:
            return client.post("/token", data=form, auth=(CLIENT_ID, secret or self.keys.client))


def claims(token: str) -> dict[str, Any]:
    """What a JWT says."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    state = State(tmp_path_factory.mktemp("provider") / "data")
    state.prepare()
    ports, files = Ports.free(), certificates(state)
    made = process(installed(), state=state, files=files, ports=ports, airflow=AIRFLOW, audience=AIRFLOW)
    trusting = ssl.create_default_context(cafile=str(files.authority))
    serving = subprocess.Popen(made.command, cwd=made.directory)
    found = Running(url=ports.provider_url, keys=keys(state), state=state, trusting=trusting)
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                found.browser().get("/jwks")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield found
    finally:
        serving.terminate()
        serving.wait(10)


def test_a_person_is_named_with_groups_and_a_true_email(provider: Running) -> None:
    """The ID token itself has all that Airflow asks for."""
    answer = provider.token("op")
    assert answer.status_code == 200, answer.text
    said = claims(answer.json()["id_token"])
    wanted = {"iss": provider.url, "aud": CLIENT_ID, "sub": "op", "nonce": "n"}
    wanted |= {"email": "op@example.com", "email_verified": True, "given_name": "Otto", "groups": ["airflow-ops"]}
    assert wanted.items() <= said.items()


def test_a_changed_group_is_told_at_the_next_login(provider: Running) -> None:
    """The file of the people is read each time. Whoever is taken out cannot log in."""
    file = people(provider.state)
    known = json.loads(file.read_text())
    try:
        file.write_text(json.dumps({**known, "op": {**known["op"], "groups": ["airflow-viewers"]}}))
        assert claims(provider.token("op").json()["id_token"])["groups"] == ["airflow-viewers"]
        file.write_text(json.dumps({name: each for name, each in known.items() if name != "op"}))
        assert provider.entered("op").status_code == 401
    finally:
        file.write_text(json.dumps(known))


@pytest.mark.parametrize(
    ("name", "password"),
    [("op", "wrong"), ("op", " "), ("stranger", None), ("constructor", None), ("__proto__", None), ("Op", None)],
)
def test_nobody_else_logs_in(provider: Running, name: str, password: str | None) -> None:
    """A wrong password and an unknown name get the form again."""
    answer = provider.entered(name, password)
    assert answer.status_code == 401
    assert "wrong password" in answer.text


def test_what_people_enter_is_shown_as_text(provider: Running) -> None:
    """The form repeats no markup."""
    assert "<b>" not in provider.entered('"><b>').text


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": f"{BACK}/more"},
        {"client_id": "another"},
    ],
)
def test_an_unknown_application_gets_a_page(provider: Running, change: Form) -> None:
    """Nobody is sent to an address that is not Airflow's."""
    with provider.browser() as browser:
        answer = provider.asked(browser, **change)
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    "change", [{"code_challenge": None, "code_challenge_method": None}, {"response_type": "token"}]
)
def test_a_login_without_pkce_or_code_is_refused(provider: Running, change: dict[str, str | None]) -> None:
    """Airflow gets an error, and no code."""
    with provider.browser() as browser:
        answer = provider.asked(browser, **change)
    assert "error=" in answer.headers["location"]


@pytest.mark.parametrize("wrong", [{"secret": "another"}, {"verifier": "w" * 43}])
def test_a_code_is_for_whoever_began(provider: Running, wrong: Form) -> None:
    """It takes the client's secret, and the verifier of this login."""
    answer = provider.token("op", **wrong)
    assert answer.status_code in (400, 401)
    assert "id_token" not in answer.text


def test_a_machine_gets_a_token_that_is_made_for_airflow(provider: Running) -> None:
    """By its own secret alone."""
    form = {"grant_type": "client_credentials"}
    with provider.browser() as client:
        answer = client.post("/token", data=form, auth=(MACHINE_ID, provider.keys.machine))
        said = claims(answer.json()["access_token"])
        assert {"iss": provider.url, "sub": MACHINE_ID, "aud": AIRFLOW}.items() <= said.items()
        assert client.post("/token", data=form, auth=(MACHINE_ID, "another")).status_code == 401
        assert client.post("/token", data=form, auth=(CLIENT_ID, provider.keys.client)).status_code == 400


def test_keys_are_made_once_and_are_private(state: State) -> None:
    """Each data directory has its own, which only its owner can read; a damaged file is refused with the way out."""
    made = keys(state)
    assert keys(state) == made
    assert keys(state).password != keys(State(state.root.with_name("other"))).password
    file = state.provider / "keys.json"
    assert mode(file) == 0o600
    file.write_text("{}")
    with pytest.raises(Refused, match=r"keys\.json is damaged"):
        keys(state)
