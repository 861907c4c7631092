"""Who may ask what, and whence a role comes."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from door import CACHE_SECONDS, GROUPS, Door, browser

from tests.airflow.access.provider import Provider

TABLE = {
    # Admin, Op, User, Viewer, and somebody who has not signed in.
    "/ui/config": (200, 200, 200, 200, 401),
    "/ui/auth/me": (200, 200, 200, 200, 401),
    "/api/v2/dags": (200, 200, 200, 200, 401),
    "/api/v2/pools": (200, 200, 200, 200, 401),
    "/api/v2/assets": (200, 200, 200, 200, 401),
    "/api/v2/connections": (200, 200, 403, 403, 401),
    "/api/v2/variables": (200, 200, 403, 403, 401),
    "/api/v2/eventLogs": (200, 403, 403, 403, 401),
    "/api/v2/config": (403, 403, 403, 403, 401),
    "/auth/fab/v1/users": (200, 403, 403, 403, 401),
    "/auth/fab/v1/roles": (200, 403, 403, 403, 401),
    "/auth/users/list/": (200, 302, 302, 302, 302),
    "/flower/": (200, 200, 403, 403, 401),
    "/flower/api/workers": (200, 200, 403, 403, 401),
    "/flower/metrics": (404, 404, 403, 403, 401),
    "/flower/METRICS": (404, 404, 403, 403, 401),
    "/flower//metrics": (404, 404, 403, 403, 401),
    "/flower/x/%2e%2e/metrics": (404, 404, 403, 403, 401),
    "/api/v2/monitor/health": (200, 200, 200, 200, 200),
}


@pytest.mark.parametrize("path", TABLE)
def test_who_may_ask_what(people: dict[str, httpx.Client], path: str) -> None:
    """Each role gets exactly what it should of the UI, both APIs, FAB's pages and Flower."""
    got = tuple(
        people[who].get(path, follow_redirects=False, headers={"Accept": "application/json"}).status_code
        for who in (*GROUPS, "nobody")
    )
    assert got == TABLE[path]


def test_a_login_ends_on_the_page_that_was_wanted(provider: Provider, url: str, other: str) -> None:
    """After the provider, a browser is on the page that it asked for, with a token that every api-server takes."""
    provider.reset(sub="wants", groups=["viewers"], email="Wants@Example.com", email_verified=True)
    client = browser(url)
    answer = client.get("/api/v2/auth/login", params={"next": "/dags/one"})
    assert str(answer.url) == f"{url}/dags/one"
    assert client.get("/ui/auth/me").json()["username"] == "wants@example.com"
    assert client.get(f"{other}/api/v2/dags").status_code == 200
    assert "HttpOnly" in str(answer.history[-1].headers.get_list("set-cookie"))


def test_without_a_mapped_group_there_is_a_page_and_no_user(
    enter: Any, provider: Provider, url: str, door: Door
) -> None:
    """Whoever has no mapped group gets one page that says whom to ask: no redirect, no user, no token."""
    client = enter("stranger", "somebody-elses")
    answer = client.get("/auth/login/")
    assert answer.status_code == 403
    assert "the platform team" in answer.text
    assert client.get("/ui/config").status_code == 401
    assert "stranger" not in door.users()
    assert "/auth/sso-logout" in answer.text
    assert str(client.get("/auth/sso-logout").url) == f"{url}/auth/signed-out"
    assert "id_token_hint" in next(query for path, query in provider.seen if path == "/end")


def test_roles_are_those_of_the_last_login(enter: Any, door: Door) -> None:
    """A group that is taken away takes its rights at the next login; with none left, tokens that are out end too."""
    old = enter("mover", "admins")
    assert old.get("/api/v2/connections").status_code == 200
    assert enter("mover", "viewers").get("/api/v2/connections").status_code == 403
    assert door.users()["mover"] == "Viewer"
    assert enter("mover").get("/ui/config").status_code == 401
    time.sleep(CACHE_SECONDS)
    assert old.get("/api/v2/dags").status_code == 403
    assert old.get("/auth/users/list/", follow_redirects=False).status_code == 302
