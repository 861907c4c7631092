"""How a login ends, and that no password begins one."""

from __future__ import annotations

import time
from typing import Any

import httpx
import jwt
import pytest
from door import CAP_SECONDS, PASSWORD, RESCUE, Door, browser

from tests.airflow.access.provider import Provider


def expiry(token: str) -> int:
    """When a token ends."""
    return jwt.decode(token, options={"verify_signature": False})["exp"]


@pytest.mark.parametrize("path", ["/api/v2/auth/logout", "/auth/logout", "/auth/logout/", "/auth/sso-logout"])
def test_a_logout_kills_copies_of_the_cookies(enter: Any, url: str, other: str, path: str) -> None:
    """After a logout by any way, copied cookies are worth nothing on any api-server."""
    client = enter("leaver", "admins")
    copied = {cookie.name: cookie.value or "" for cookie in client.cookies.jar}
    assert {"_token", "session"} <= copied.keys()
    assert str(client.get(path).url) == f"{url}/auth/signed-out"
    for server in (url, other):
        copy = browser(server, copied)
        assert copy.get("/ui/config").status_code == 403
        answer = copy.get("/auth/login/", follow_redirects=False)
        assert "/authorize?" in answer.headers["location"], "the session lives on"


def test_a_login_ends_at_its_cap_however_it_is_used(enter: Any, short: str, url: str) -> None:
    """Neither the session nor a token of it outlives the cap; then the provider is asked, with the roles of then."""
    client = enter("busy", "admins", at=short)
    began = time.monotonic()
    assert client.get("/ui/config").status_code == 200
    while time.monotonic() < began + CAP_SECONDS - 2:
        assert client.get("/auth/login/", follow_redirects=False).headers["location"] == f"{short}/"
        time.sleep(1)
    token = client.cookies["_token"]
    time.sleep(began + CAP_SECONDS + 1 - time.monotonic())
    assert "/authorize?" in client.get("/auth/login/", follow_redirects=False).headers["location"]
    deadline = time.monotonic() + 15
    while httpx.get(f"{url}/ui/config", cookies={"_token": token}).status_code == 200:
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_a_token_gives_none_that_outlives_it(enter: Any, short: str) -> None:
    """Whoever asks with a token for the next one, in a header or by a cookie, stays below the cap of the login."""
    client = enter("patient", "admins", at=short)
    token = client.cookies["_token"]
    for headers in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"_token={token}"}):
        for kind in ("api", "cli"):
            answer = httpx.post(f"{short}/ui/auth/token", json={"token_type": kind}, headers=headers)
            assert expiry(answer.json()["access_token"]) <= expiry(token) <= time.time() + CAP_SECONDS


def test_no_password_gets_in(door: Door, url: str) -> None:
    """A user who has a password from before cannot use it: not for a token, in no form, in no API of FAB."""
    door.make_rescue()
    login = {"username": RESCUE, "password": PASSWORD}
    for _ in range(30):
        answer = httpx.post(f"{url}/auth/token", json=login)
        assert (answer.status_code, "access_token" in answer.text) == (400, False)
    assert httpx.post(f"{url}/auth/token/cli", json=login).status_code == 400
    assert httpx.post(f"{url}/auth/api/v1/security/login", json={**login, "provider": "db"}).status_code in (400, 401)
    assert browser(url).get("/auth/break-glass").status_code == 404
    assert httpx.get(f"{url}/api/v2/dags", auth=(RESCUE, PASSWORD)).status_code == 401


def test_break_glass_lets_one_user_in(door: Door, short: str, url: str, provider: Provider) -> None:
    """With break-glass on, the one local user has a token and a form, and nobody else; off, that session is over."""
    provider.reset()
    login = {"username": RESCUE, "password": PASSWORD}
    assert httpx.post(f"{short}/auth/token", json=login).status_code == 201
    assert httpx.post(f"{short}/auth/token", json={**login, "password": "wrong"}).status_code == 401
    assert httpx.post(f"{short}/auth/token", json={**login, "username": "mover"}).status_code == 401
    client = browser(short)
    form = client.get("/auth/break-glass").text
    hidden = form.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    client.post("/auth/break-glass", data={**login, "csrf_token": hidden})
    assert client.get("/ui/auth/me").json()["username"] == RESCUE
    assert (
        "/authorize?"
        in browser(url, {"session": client.cookies["session"]})
        .get("/auth/login/", follow_redirects=False)
        .headers["location"]
    )
    provider.reset(sub=RESCUE, groups=["admins"])
    assert browser(short).get("/auth/login/").status_code == 400
