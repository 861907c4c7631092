"""The local platform with single sign-on and two api-servers behind its load balancer, and people in browsers."""

from __future__ import annotations

import contextlib
import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import httpx

from chart.parts import Part
from local.differences import AIRFLOW_HOST
from local.pictures import chromium
from local.platform import Platform
from local.ports import LOOPBACK
from local.processes.manager import Processes
from local.processes.process import Process
from local.services.provider import people

CHROMIUM = chromium()
FIRST, SECOND = Part.API_SERVER.value, "api-server-2"
CACHE_SECONDS = 3
"""Longer than Airflow keeps a user in these api-servers."""
QUICK = {"config": {"fab": {"cache_ttl": "2"}}}
EVIL = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Port": "81",
    "Forwarded": "host=evil.example;proto=http",
}


JSON = {"Accept": "application/json"}
NONE: Mapping[str, str] = {}


class TwoServers(Platform):
    """What people need, twice; nothing that runs tasks."""

    @property
    def servers(self) -> dict[str, str]:
        """The address of each api-server, past the load balancer."""
        ports = {FIRST: self.ports.api_server, SECOND: self.ports.task_logs}
        return {name: f"http://{LOOPBACK}:{port}" for name, port in ports.items()}

    def components(self) -> list[Process]:
        made = {process.name: process for process in super().components()}
        first = made[FIRST]
        environment = {**first.environment, "AIRFLOW__API__PORT": str(self.ports.task_logs)}
        targets = [urlsplit(each).netloc for each in self.servers.values()]
        second = replace(first, name=SECOND, environment=environment)
        return [first, second, made[Part.FLOWER.value], self.load_balancer(targets)]


@dataclass(frozen=True)
class Street:
    """In front of the door: the platform, and a browser in which each person has a window of his own."""

    platform: TwoServers
    processes: Processes
    browser: Any

    @property
    def url(self) -> str:
        return self.platform.url

    @property
    def trusting(self) -> ssl.SSLContext:
        """For clients that are no browser."""
        return ssl.create_default_context(cafile=str(self.platform.files.authority))

    @contextlib.contextmanager
    def person(
        self, name: str = "", *, cookies: list[Any] | None = None, headers: Mapping[str, str] = NONE
    ) -> Iterator[Person]:
        """Somebody with a fresh browser, logged in if he has a name."""
        # httpx verifies the certificates in other tests. A browser learns an authority from a database of its own.
        context = self.browser.new_context(ignore_https_errors=True, extra_http_headers=dict(headers))
        context.set_default_timeout(60_000)
        if cookies:
            context.add_cookies(cookies)
        made = Person(street=self, context=context, page=context.new_page())
        try:
            if name:
                made.goes("/")
                made.enters(name)
            yield made
        finally:
            context.close()

    @contextlib.contextmanager
    def groups(self, **changes: list[str]) -> Iterator[None]:
        """The provider's people, some of them in other groups."""
        file = people(self.platform.state)
        before = file.read_text()
        known = json.loads(before)
        file.write_text(json.dumps({**known, **{name: {**known[name], "groups": g} for name, g in changes.items()}}))
        try:
            yield
        finally:
            file.write_text(before)

    def answers(self, name: str, path: str, cookies: list[Any]) -> int:
        """The status that one api-server gives to these cookies."""
        jar = "; ".join(f"{each['name']}={each['value']}" for each in cookies)
        return httpx.get(f"{self.platform.servers[name]}{path}", headers={**JSON, "Cookie": jar}).status_code

    def log(self, name: str) -> str:
        return (self.platform.state.logs / f"{name}.log").read_text(errors="replace")


@dataclass(frozen=True)
class Person:
    """A browser, and what somebody does in it."""

    street: Street
    context: Any
    page: Any

    @property
    def place(self) -> str:
        """Where he is, without the host of Airflow."""
        return self.page.url.removeprefix(self.street.url)

    def goes(self, path: str) -> Any:
        return self.page.goto(f"{self.street.url}{path}")

    def is_asked(self) -> None:
        """Wait for the provider's question who he is. Fails if there is none."""
        self.page.wait_for_url(f"{self.street.platform.ports.provider_url}/login/*")

    def enters(self, name: str) -> Any:
        """Fill in the provider's form; the answer that the browser ends on."""
        self.is_asked()
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password").fill(self.street.platform.provider_keys.password)
        with self.page.expect_navigation(url=f"{self.street.url}/**") as arrived:
            self.page.get_by_role("button", name="Log in").click()
        return arrived.value

    def enters_and_waits(self, name: str) -> str:
        """Fill in the provider's form, and do not go yet where it then sends him: that address."""
        self.is_asked()
        form = {"name": name, "password": self.street.platform.provider_keys.password}
        answer = self.context.request.post(self.page.url, form=form, max_redirects=0)
        return self.context.request.get(answer.headers["location"], max_redirects=0).headers["location"]

    def gets(self, path: str) -> int:
        """The status of a request with his cookies."""
        return self._asked(path).status_code

    def name(self) -> str:
        """What Airflow calls him."""
        return self._asked("/ui/auth/me").json()["username"]

    def cookies(self) -> list[Any]:
        return self.context.cookies(self.street.url)

    def _asked(self, path: str) -> httpx.Response:
        """The load balancer's answer to his cookies. Outside of browsers not every machine resolves its name."""
        platform = self.street.platform
        address = f"https://{LOOPBACK}:{platform.ports.https}{path}"
        cookies = "; ".join(f"{each['name']}={each['value']}" for each in self.cookies())
        headers = {**JSON, "Host": AIRFLOW_HOST, "Cookie": cookies}
        with httpx.Client(verify=self.street.trusting) as client:
            return client.get(address, headers=headers, extensions={"sni_hostname": AIRFLOW_HOST})
