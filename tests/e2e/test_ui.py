"""A person opens the UI: logs in, sees a DAG's graph and a task's log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.airflow.api import Api
from local.pictures import chromium
from local.platform import Platform

CHROMIUM = chromium()
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium on PATH: apt-get install chromium")


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """A page of a headless browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page(viewport={"width": 1400, "height": 900})
        browser.close()


def test_a_person_sees_a_graph_and_a_log(page: Any, api: Api, platform: Platform) -> None:
    """The login asks for the generated password; the graph shows the DAG's tasks; the log is readable."""
    run = api.trigger("many_tasks", {"count": 1})
    assert api.finished("many_tasks", run, seconds=60) == "success"
    username, password = platform.login

    page.goto(platform.url)
    page.get_by_label("Username").or_(page.locator("#username")).first.fill(username)
    page.locator("input[type=password]").first.fill("wrong")
    page.locator("input[type=submit], button[type=submit]").first.click()
    page.wait_for_load_state("networkidle")
    assert page.locator("input[type=password]").count() == 1, "a wrong password must not let anybody in"
    page.get_by_label("Username").or_(page.locator("#username")).first.fill(username)
    page.locator("input[type=password]").first.fill(password)
    page.locator("input[type=submit], button[type=submit]").first.click()
    page.wait_for_url(f"{platform.url}/**", timeout=30_000)

    page.goto(f"{platform.url}/dags/many_tasks")
    page.get_by_label("Show Graph").or_(page.get_by_role("button", name="Graph")).first.click(timeout=30_000)
    nodes = page.locator(".react-flow__node")
    nodes.first.wait_for(timeout=30_000)
    shown = " ".join(nodes.all_inner_texts())
    assert "numbers" in shown
    assert "work" in shown

    page.goto(f"{platform.url}/dags/many_tasks/runs/{run}/tasks/work/mapped/0?try_number=1")
    page.get_by_text("Returned value was: 0").first.wait_for(timeout=30_000)
