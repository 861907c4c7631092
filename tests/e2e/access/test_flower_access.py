"""Flower behind the door."""

from __future__ import annotations

import base64

import httpx
import pytest
from door import FLOWER_LOGIN, browser


def test_flower_gets_its_own_login_and_nothing_of_airflows(people: dict[str, httpx.Client], url: str) -> None:
    """Flower sees its own basic login, never a cookie or a token of Airflow; its cookies do not come back."""
    answer = people["Op"].get("/flower/worker/celery@a%20b", params={"x": "1 2"})
    seen = answer.json()
    assert seen["path"] == "/flower/worker/celery@a%20b?x=1+2" or seen["path"].endswith("x=1%202")
    assert seen["headers"]["authorization"] == f"Basic {base64.b64encode(FLOWER_LOGIN.encode()).decode()}"
    assert "cookie" not in seen["headers"]
    assert "set-cookie" not in answer.headers
    away = browser(url).get("/flower/", follow_redirects=False)
    assert (away.status_code, away.headers["location"]) == (307, "/api/v2/auth/login?next=%2Fflower%2F")


@pytest.mark.parametrize(
    ("origin", "status"), [("own", 200), ("https://evil.example", 403), (None, 403), ("null", 403)]
)
def test_no_other_site_stops_a_worker(
    people: dict[str, httpx.Client], url: str, origin: str | None, status: int
) -> None:
    """A form on another site cannot make an operator's browser change anything in Flower."""
    headers = {"Origin": url if origin == "own" else origin} if origin else {}
    assert people["Op"].post("/flower/api/worker/shutdown/w", headers=headers).status_code == status
