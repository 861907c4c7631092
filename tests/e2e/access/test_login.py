"""A login that is not the provider's, not ours, or not of this browser lets nobody in."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from door import browser

from tests.airflow.access.provider import STRANGER, Claims, Provider, signed

LIES: dict[str, Callable[[Claims], str]] = {
    "signature": lambda claims: signed(claims, key=STRANGER),
    "alg none": lambda claims: signed(claims, algorithm="none"),
    "issuer": lambda claims: signed({**claims, "iss": "https://evil.example"}),
    "audience": lambda claims: signed({**claims, "aud": "another"}),
    "audience, but azp is ours": lambda claims: signed({**claims, "aud": "another", "azp": "airflow"}),
    "azp": lambda claims: signed({**claims, "azp": "another"}),
    "two audiences, no azp": lambda claims: signed({**claims, "aud": ["airflow", "another"]}),
    "nonce": lambda claims: signed({**claims, "nonce": "of another"}),
    "no nonce": lambda claims: signed({k: v for k, v in claims.items() if k != "nonce"}),
    "nonce that turns the check off": lambda claims: signed({**claims, "nonce": "x", "nonce_supported": False}),
    "expired": lambda claims: signed({**claims, "exp": int(time.time()) - 600}),
    "no expiry": lambda claims: signed({k: v for k, v in claims.items() if k != "exp"}),
    "access token": lambda claims: signed({**claims, "token_use": "access"}),
    "a machine's name": lambda claims: signed({**claims, "sub": "service:deploy"}),
    "no token": lambda _: "",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_forged_id_token_lets_nobody_in(provider: Provider, url: str, lie: str) -> None:
    """An ID token that is not the provider's, for us, for this sign-in and for now ends on a page, without a token."""
    provider.reset(sub=f"forger {lie}", groups=["admins"])
    provider.lie = LIES[lie]
    client = browser(url)
    answer = client.get("/auth/login/")
    assert answer.status_code == 400
    assert "_token" not in client.cookies
    assert client.get("/ui/config").status_code == 401


def test_a_provider_cannot_allow_tokens_without_a_signature(provider: Provider, url: str) -> None:
    """Even if the provider's description lists `none`, such a token is refused."""
    provider.reset(sub="none", groups=["admins"])
    provider.metadata = {"id_token_signing_alg_values_supported": ["none", "HS256", "RS256"]}
    provider.lie = LIES["alg none"]
    assert browser(url).get("/auth/login/").status_code == 400


@pytest.fixture
def callback(provider: Provider, url: str) -> tuple[httpx.Client, str]:
    """A browser that has signed in at the provider, and the address that it is to go to next."""
    provider.reset(sub="victim", groups=["admins"])
    client = browser(url)
    begun = client.get("/auth/login/", follow_redirects=False)
    answer = httpx.get(begun.headers["location"])
    return client, answer.headers["location"]


def test_a_callback_works_once_and_for_its_own_browser(callback: tuple[httpx.Client, str], url: str) -> None:
    """The answer of the provider is worth nothing in another browser, with another state, or a second time."""
    client, address = callback
    assert browser(url).get(address).status_code == 400
    assert client.get(f"{address}x").status_code == 400
    assert client.get(address, follow_redirects=False).status_code == 302
    client.cookies.delete("_token")
    copy = browser(url)
    assert copy.get(address).status_code == 400
    assert "_token" not in copy.cookies


def test_the_id_of_a_session_changes_with_the_login(callback: tuple[httpx.Client, str], url: str) -> None:
    """Whoever planted the cookie of a session has nothing after the victim's login."""
    client, address = callback
    planted = dict(client.cookies)
    client.get(address)
    assert browser(url, planted).get("/auth/users/list/", follow_redirects=False).status_code == 302
    assert client.get("/auth/users/list/").status_code == 200


def test_a_provider_that_is_down_stops_logins_and_nobody_who_is_in(enter: Any, provider: Provider, url: str) -> None:
    """While the provider is away people work on; whoever signs in gets a page, not a loop."""
    client = enter("worker", "users")
    begun = browser(url)
    address = httpx.get(begun.get("/auth/login/", follow_redirects=False).headers["location"]).headers["location"]
    provider.down = True
    assert client.get("/api/v2/dags").status_code == 200
    assert begun.get(address).status_code == 503
    answer = client.get("/auth/sso-logout", follow_redirects=False)
    assert answer.status_code == 302
    provider.down = False


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"},
        {"X-Forwarded-Proto": "gopher", "X-Forwarded-Port": "6666"},
        {"Forwarded": "host=evil.example"},
    ],
)
def test_no_header_steers_a_login(url: str, headers: dict[str, str]) -> None:
    """Wherever a browser says it comes from, the provider is told the one public address."""
    answer = browser(url).get("/auth/login/", follow_redirects=False, headers=headers)
    assert httpx.URL(answer.headers["location"]).params["redirect_uri"] == f"{url}/auth/oauth-authorized/sso"


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_login_leads_nowhere_else(enter: Any, url: str, wanted: str) -> None:
    """The page that somebody wants after the login is one of Airflow's."""
    client = enter("target", "viewers")
    answer = client.get("/auth/login/", params={"next": wanted}, follow_redirects=False)
    assert answer.headers["location"].startswith(f"{url}/")
