"""In place of the load balancer: ends TLS for one host, and hands on to the api-servers as it does.

An own small one, of the HTTP library that Airflow brings: it takes the load balancer's own rules from
chart/listener.py, so nobody writes them a second time in the language of nginx, and there is nothing to install.
HTTP/2 and the firewall exist on AWS only.
"""

from __future__ import annotations

import asyncio
import contextlib
import fnmatch
import itertools
import json
import logging
import re
import secrets
import signal
import ssl
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, hdrs, web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from chart.listener import HEALTH, HIDDEN_PATHS, NOT_FOUND, RESPONSE_HEADERS
from local.ports import LOOPBACK
from local.processes.process import Process, python
from local.state import State, write_private
from settings.ingress import IDLE_SECONDS

NAME = "load-balancer"
FIELD = re.compile(r"[A-Za-z0-9-]+")
"""Names of headers that a load balancer hands on, where it drops invalid ones."""
OF_ONE_CONNECTION = {
    each.lower()
    for each in ("Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade")
}
"""https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1"""
ADDED = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""Headers that the library would make up where a client sends none."""
CHUNK = 65_536
BAD_REQUEST = "Bad request"
LONGEST = 16_384
"""Bytes of a request line, and of a header's field, as AWS has it."""
LOOK_SECONDS = 2.0
"""Between two looks whether a target is healthy. On AWS 15."""
log = logging.getLogger(NAME)


@dataclass(frozen=True, kw_only=True)
class Told:
    """All that it has to know."""

    host: str
    https: int
    http: int
    targets: Sequence[str]
    """Where the api-servers are: host and port."""
    certificate: str
    key: str


def process(told: Told, *, state: State) -> Process:
    """Runs it."""
    file = state.run / f"{NAME}.json"
    write_private(file, json.dumps(asdict(told)))
    return Process(name=NAME, command=python("local.services.load_balancer", file), directory=state.run)


class LoadBalancer:
    """Answers by its rules, in their order, and hands on what is left to one target after another."""

    def __init__(self, told: Told, session: ClientSession) -> None:
        self._told = told
        self._session = session
        self._turns = itertools.count()
        self._healthy: set[str] = set()

    async def redirect(self, request: web.BaseRequest) -> web.StreamResponse:
        """Plain HTTP: to our host, whichever the request names."""
        if not request.raw_path.startswith("/"):
            return self._fixed(400, BAD_REQUEST)
        port = "" if self._told.https == 443 else f":{self._told.https}"
        there = f"https://{self._told.host}{port}{request.raw_path}"
        return web.Response(status=301, headers={hdrs.LOCATION: there, hdrs.SERVER: NAME})

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """HTTPS."""
        # A target of another form, `@example.com/`, would make another host of the address that it is put behind.
        if not request.raw_path.startswith("/"):
            return self._fixed(400, BAD_REQUEST)
        path = request.raw_path.partition("?")[0]
        if any(fnmatch.fnmatchcase(path, pattern) for pattern in HIDDEN_PATHS) or not self._is_ours(request.host):
            return self._fixed(404, NOT_FOUND)
        try:
            said = await self._handed_on(request, self._target())
        except TimeoutError:
            return self._fixed(504, "The api-server takes too long")
        except ClientError as error:
            log.warning("%s %s: %s", request.method, path, error)
            return self._fixed(502, "The api-server does not answer")
        async with said:
            answer = web.StreamResponse(status=said.status, reason=said.reason, headers=self._answered(said.headers))
            try:
                await answer.prepare(request)
                async for chunk in said.content.iter_chunked(CHUNK):
                    await answer.write(chunk)
                await answer.write_eof()
            except (ClientError, OSError, TimeoutError):
                # The status is out already. Whoever is still there must not take a part for the whole.
                if request.transport:
                    request.transport.abort()
            return answer

    async def look(self) -> None:
        """Ask every target for its health, again and again."""
        while True:
            for target in self._told.targets:
                try:
                    async with self._session.get(f"http://{target}{HEALTH}", timeout=ClientTimeout(5)) as answer:
                        well = answer.status == 200
                except (ClientError, TimeoutError):
                    well = False
                (self._healthy.add if well else self._healthy.discard)(target)
            await asyncio.sleep(LOOK_SECONDS)

    def _is_ours(self, host: str) -> bool:
        # On AWS the port is 443, which no client writes.
        return host.lower() in (self._told.host, f"{self._told.host}:{self._told.https}")

    def _target(self) -> str:
        # Without any healthy one, a load balancer tries all of them.
        choices = [each for each in self._told.targets if each in self._healthy] or self._told.targets
        return choices[next(self._turns) % len(choices)]

    async def _handed_on(self, request: web.BaseRequest, target: str) -> ClientResponse:
        # The path as it came: decoded and encoded again, it would be another one.
        url = URL(f"http://{target}{request.raw_path}", encoded=True)
        body = request.content.iter_chunked(CHUNK) if request.can_read_body else None
        return await self._session.request(
            request.method, url, headers=self._asked(request), data=body, allow_redirects=False
        )

    def _asked(self, request: web.BaseRequest) -> CIMultiDict[str]:
        """The client's headers, X-Forwarded-Host too: only these three are the load balancer's own."""
        headers = _end_to_end(request.headers)
        came = [*headers.popall("X-Forwarded-For", []), request.remote or ""]
        headers["X-Forwarded-For"] = ", ".join(came)
        headers["X-Forwarded-Proto"] = "https"
        headers["X-Forwarded-Port"] = str(self._told.https)
        headers.setdefault("X-Amzn-Trace-Id", f"Root={secrets.token_hex(12)}")
        return headers

    def _answered(self, headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
        kept = _end_to_end(headers)
        kept.update({**RESPONSE_HEADERS, hdrs.SERVER: NAME})
        return kept

    @staticmethod
    def _fixed(status: int, text: str) -> web.Response:
        return web.Response(status=status, text=text, headers={**RESPONSE_HEADERS, hdrs.SERVER: NAME})


def _end_to_end(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    named = {each.strip().lower() for value in headers.getall(hdrs.CONNECTION, []) for each in value.split(",")}
    gone = OF_ONE_CONNECTION | named
    return CIMultiDict((k, v) for k, v in headers.items() if k.lower() not in gone and FIELD.fullmatch(k))


async def serve(told: Told) -> None:
    """Serve until told to stop."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(told.certificate, told.key)
    options: dict[str, Any] = {
        "keepalive_timeout": IDLE_SECONDS, "max_line_size": LONGEST, "max_field_size": LONGEST,
        "auto_decompress": False, "access_log": None,
    }  # fmt: skip
    timeout = ClientTimeout(total=None, sock_connect=5, sock_read=IDLE_SECONDS)
    connector = TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS)
    async with ClientSession(
        connector=connector,
        timeout=timeout,
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=ADDED,
    ) as session:
        balancer = LoadBalancer(told, session)
        looking = asyncio.ensure_future(balancer.look())
        runners: list[web.ServerRunner] = []
        for handler, port, tls in ((balancer.answer, told.https, context), (balancer.redirect, told.http, None)):
            runner = web.ServerRunner(web.Server(handler, **options))
            await runner.setup()
            await web.TCPSite(runner, LOOPBACK, port, ssl_context=tls).start()
            runners.append(runner)
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking
        for runner in runners:
            await runner.cleanup()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    asyncio.run(serve(Told(**json.loads(Path(sys.argv[1]).read_text()))))
