"""People in browsers: a provider, a load balancer and two api-servers, all real."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from stage import eventually
from two_servers import CACHE_SECONDS, CHROMIUM, EVIL, FIRST, QUICK, SECOND, Person, Street, TwoServers

from local import stack
from local.dashboard_picture import PICTURE
from local.install import ROOT
from local.pictures import FOLDER, take
from local.ports import Ports
from local.report import Report
from local.services import provider
from local.startup import running
from local.state import State

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium on PATH: apt-get install chromium")

RIGHTS = {
    # Connections, event logs, Flower.
    "admin": (200, 200, 200),
    "op": (200, 403, 200),
    "user": (403, 403, 403),
    "viewer": (403, 403, 403),
}
PATHS = ("/api/v2/connections", "/api/v2/eventLogs", "/flower/")


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """The platform, started as `up --sso` starts it."""
    from playwright.sync_api import sync_playwright

    platform = TwoServers(
        state=State(tmp_path_factory.mktemp("street")),
        stack=stack.load(ROOT / "Pulumi.local.yaml"),
        ports=Ports.free(),
        single_sign_on=True,
        overrides=QUICK,
    )
    with running(platform, Report(), dags=ROOT / "dags") as processes, sync_playwright() as playwright:
        eventually(lambda: _is_up(platform.servers[SECOND]), seconds=120)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield Street(platform=platform, processes=processes, browser=browser)
        browser.close()


def _is_up(server: str) -> bool:
    try:
        return httpx.get(f"{server}/api/v2/monitor/health").status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize("name", RIGHTS)
def test_a_person_logs_in_and_may_what_the_role_may(street: Street, name: str) -> None:
    """From plain HTTP and a page deep inside, by the provider's form, to that very page, with the rights of the group's
    role on every api-server; the browser keeps the cookies from scripts and from plain HTTP."""
    with street.person() as person:
        person.page.goto(f"http://airflow.localhost:{street.platform.ports.http}/dags/platform_canary?x=%2F")
        person.enters(name)
        person.page.get_by_text("platform_canary").first.wait_for()
        assert person.place.startswith("/dags/platform_canary")
        assert person.name() == f"{name}@example.com"
        for server in (FIRST, SECOND):
            assert tuple(street.answers(server, path, person.cookies()) for path in PATHS) == RIGHTS[name]
        kept = {each["name"]: each for each in person.cookies()}
        for cookie in ("_token", "session"):
            assert kept[cookie]["secure"]
            assert kept[cookie]["httpOnly"]
            assert kept[cookie]["sameSite"] == "Lax"


def test_both_api_servers_have_served_the_logins(street: Street) -> None:
    """A login begins at one api-server and may end at the other."""
    for server in (FIRST, SECOND):
        assert "/auth/oauth-authorized/sso" in street.log(server)


def test_whoever_has_no_group_reads_whom_to_ask(street: Street) -> None:
    """One page, no loop, no token; its link logs out at the provider too, so that somebody else can log in."""
    with street.person() as person:
        person.goes("/")
        assert person.enters("nobody").status == 403
        assert "people.json" in person.page.inner_text("main")
        assert person.gets("/ui/config") == 401
        person.page.get_by_role("link", name="Sign out").click()
        person.page.wait_for_url(f"{street.url}/auth/signed-out*")
        person.goes("/")
        person.enters("viewer")
        assert person.name() == "viewer@example.com"


def test_a_role_is_that_of_the_last_login(street: Street) -> None:
    """Another group is another role at the next login; none is no role, and ends what was begun before, everywhere."""

    def logged_in_again(person: Person, status: int) -> None:
        person.goes("/api/v2/auth/logout")
        person.page.wait_for_url(f"{street.url}/auth/signed-out*")
        person.page.get_by_role("link", name="Sign in again").click()
        assert person.enters("user").status == status

    with street.person("user") as person, street.person("user") as at_home:
        assert person.gets("/api/v2/connections") == 403
        with street.groups(user=["airflow-admins", "others"]):
            logged_in_again(person, 200)
            assert person.gets("/api/v2/connections") == 200
        with street.groups(user=["others"]):
            logged_in_again(person, 403)
            assert person.gets("/api/v2/dags") == 401
            time.sleep(CACHE_SECONDS)
            for server in (FIRST, SECOND):
                assert street.answers(server, "/api/v2/dags", at_home.cookies()) == 403


def test_a_logout_by_the_menu_kills_copied_cookies(street: Street) -> None:
    """It ends Airflow's session and the provider's. A copy of all cookies gets in nowhere, whoever had it."""
    with street.person("op") as person:
        copied = person.cookies()
        with street.person(cookies=copied) as thief:
            assert thief.gets("/ui/config") == 200
        person.page.get_by_role("button", name="User").click()
        person.page.get_by_role("menuitem", name="Logout").click()
        person.page.get_by_role("button", name="Logout").or_(person.page.get_by_role("button", name="Confirm")).click()
        person.page.wait_for_url(f"{street.url}/auth/signed-out*")
        assert [each["name"] for each in person.cookies() if each["name"] == "_token"] == []
        with street.person(cookies=copied) as thief:
            for server in (FIRST, SECOND):
                assert street.answers(server, "/ui/config", copied) in (401, 403)
            thief.goes("/")
            thief.is_asked()
        person.goes("/")
        person.is_asked()


def test_no_header_of_a_client_steers_a_login(street: Street) -> None:
    """The load balancer hands X-Forwarded-Host on, and the login comes back to us. Another Host is not found."""
    with street.person("viewer", headers=EVIL) as person:
        assert person.name() == "viewer@example.com"
        assert person.page.url.startswith(f"{street.url}/")
    address = f"https://localhost:{street.platform.ports.https}/auth/login/"
    answer = httpx.get(address, verify=street.trusting, headers={"Host": "evil.example"})
    assert (answer.status_code, answer.text) == (404, "Not found")


def test_a_provider_that_dies_during_a_login_leaves_a_page_and_a_way_on(street: Street) -> None:
    """Whoever is in works on. Whoever comes back from the form reads that the provider gives no answer, and gets in by
    the page's link once it is there again."""

    with street.person("user") as inside, street.person() as outside:
        outside.goes("/")
        address = outside.enters_and_waits("viewer")
        street.processes.stop(provider.NAME)
        try:
            assert outside.page.goto(address).status == 503
            assert "The sign-in service gives no answer." in outside.page.inner_text("main")
            inside.page.reload()
            inside.page.get_by_text("Welcome").first.wait_for()
        finally:
            street.processes.start(provider.NAME)
        eventually(lambda: not _down(street), seconds=20)
        outside.page.get_by_role("link", name="Try again").click()
        outside.enters("viewer")
        assert outside.name() == "viewer@example.com"


def _down(street: Street) -> bool:
    try:
        url = f"{street.platform.ports.provider_url}/jwks"
        return httpx.get(url, verify=street.trusting).status_code != 200
    except httpx.HTTPError:
        return True


def test_an_operator_sees_flower_behind_the_same_login(street: Street) -> None:
    """Flower's own page and files, at Airflow's address, by whoever may; nobody needs its password."""
    with street.person() as person:
        failed: list[str] = []
        person.page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
        person.goes("/flower/")
        person.enters("op")
        assert person.place == "/flower/"
        person.page.get_by_text("Workers").first.wait_for()
        person.page.wait_for_load_state("networkidle")
        assert [url for url in failed if "/flower/" in url] == []


def test_the_platforms_commands_come_in_as_a_machine(street: Street) -> None:
    """By the provider's word, without a password; with the role that the settings give to machines of this name."""
    api = street.platform.api()
    assert api.call("GET", "dags", params={"limit": 1})
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        api.call("GET", "eventLogs")
    password = {"username": "admin", "password": street.platform.passwords.admin}
    assert httpx.post(f"{street.platform.servers[FIRST]}/auth/token", json=password).status_code == 400


def test_the_readmes_pictures_can_be_taken_anew(street: Street, tmp_path: Path) -> None:
    """What takes them finds its way through the login to Airflow's home."""
    take(street.platform, street.browser, tmp_path)
    taken = {file.name for file in tmp_path.iterdir()}
    assert taken == {file.name for file in FOLDER.iterdir()} - {PICTURE.name}
