"""Assertions of machines, where a running api-server would take too long to see it: whom we ask for keys, and when."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from runtime.access import issuers
from runtime.access.assertions import InvalidAssertionError, UnknownMachineError, machine
from runtime.access.files import Machines
from runtime.access.flower import is_served
from runtime.access.issuers import IssuerError, Issuers
from tests.airflow.access.provider import STRANGER, Provider, signed


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as running:
        yield running


def known(issuer: str, **more: Any) -> Machines:
    entry = {"issuer": issuer, "subject": "job", "role": "Op", **more}
    return Machines.model_validate({"audience": "https://airflow.test", "machines": {"job": entry}})


def claims(provider: Provider, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    said = {"iss": provider.issuer, "sub": "job", "aud": "https://airflow.test", "iat": now, "exp": now + 60}
    return {**said, **changes}


def asked(provider: Provider) -> int:
    return sum(path == "/keys" for path, _ in provider.seen)


def test_keys_are_kept_for_a_while_and_not_for_ever(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are fetched once, again when they are old, and for an unknown key at most every few seconds."""
    now = 1000.0
    monkeypatch.setattr(issuers.time, "monotonic", lambda: now)
    keys, machines = Issuers(), known(provider.issuer)
    for _ in range(3):
        assert machine(signed(claims(provider)), machines, keys) == "job"
    assert asked(provider) == 1
    assert keys.keys(provider.issuer, "unknown") is not None
    assert asked(provider) == 1
    now += issuers.AGAIN_SECONDS
    for _ in range(3):
        keys.keys(provider.issuer, "unknown")
    assert asked(provider) == 2
    now += issuers.FRESH_SECONDS
    machine(signed(claims(provider)), machines, keys)
    assert asked(provider) == 3


def test_nobody_but_a_configured_issuer_is_asked(provider: Provider) -> None:
    """An assertion cannot make us fetch anything from an address that the settings do not name."""
    stranger = known("https://ci.example.com")
    with pytest.raises(InvalidAssertionError, match="nobody of this issuer"):
        machine(signed(claims(provider)), stranger, Issuers())
    assert not provider.seen


@pytest.mark.parametrize("metadata", [{"issuer": "https://evil.example"}, {"jwks_uri": "http://evil.example/keys"}])
def test_an_issuer_that_contradicts_itself_is_not_believed(provider: Provider, metadata: dict[str, str]) -> None:
    """Another name in the description, or keys without TLS, is a failure of the issuer and not of the machine."""
    provider.metadata = metadata
    with pytest.raises(IssuerError):
        machine(signed(claims(provider)), known(provider.issuer), Issuers())


def test_an_issuer_that_is_down_is_an_error_of_its_own(provider: Provider) -> None:
    """It is told from a wrong assertion."""
    provider.down = True
    with pytest.raises(IssuerError):
        machine(signed(claims(provider)), known(provider.issuer), Issuers())


def test_a_machine_may_have_an_audience_of_its_own(provider: Provider) -> None:
    """Where an issuer puts a fixed audience into its tokens, the line of the machine names it; no other is taken."""
    own = known(provider.issuer, audience="api://default")
    assert machine(signed(claims(provider, aud="api://default")), own, Issuers()) == "job"
    with pytest.raises(InvalidAssertionError, match="aud must be api://default"):
        machine(signed(claims(provider)), own, Issuers())


def test_a_refusal_tells_nobody_which_subjects_there_are(provider: Provider) -> None:
    """An unknown subject is refused only after the signature was found right."""
    with pytest.raises(InvalidAssertionError):
        machine(signed(claims(provider, sub="other"), key=STRANGER), known(provider.issuer), Issuers())
    with pytest.raises(UnknownMachineError):
        machine(signed(claims(provider, sub="other")), known(provider.issuer), Issuers())


@pytest.mark.parametrize(
    ("path", "served"),
    [
        ("", True),
        ("static/css/a.css", True),
        ("api/task/info/metrics", True),
        ("metrics", False),
        ("metrics/", False),
        ("Metrics", False),
        ("/metrics", False),
        ("./metrics", False),
        ("x/../metrics", False),
        ("..", False),
        ("../api/v2", False),
    ],
)
def test_flowers_metrics_are_never_served(path: str, served: bool) -> None:  # noqa: FBT001
    """Under no spelling of the path."""
    assert is_served(path) is served
