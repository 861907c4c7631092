"""Is each part ready? Asked the way its users would ask: over TLS, with a password, through the API."""

from __future__ import annotations

import datetime
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from chart.uris import DATABASE
from local.platform import Platform
from local.services.emulator import READY
from local.services.postgres import MASTER

HEARTBEATS = {"scheduler": "scheduler", "triggerer": "triggerer", "dag-processor": "dag_processor"}
Check = Callable[[], str]
"""Empty when ready; else what is not."""


def checks(platform: Platform, *, since: float) -> Mapping[str, Check]:
    """A check for each process, by its name; a heartbeat counts when it is newer than `since`."""
    heart = {name: lambda key=key: _heartbeat(platform, key, since) for name, key in HEARTBEATS.items()}
    workers = {
        f"worker-{group['name']}": lambda name=group["name"]: _worker(platform, name) for group in platform.groups
    }
    return {
        "postgres": lambda: _postgres(platform),
        "broker": lambda: _broker(platform),
        "emulator": lambda: _http(f"{platform.emulator}{READY}"),
        "api-server": lambda: _http(f"{platform.url}/api/v2/monitor/health"),
        **heart,
        **workers,
        "flower": lambda: _http(f"http://127.0.0.1:{platform.ports.flower}/healthcheck"),
    }


def wait(waiting: Mapping[str, Check], *, seconds: float, alive: Callable[[], object]) -> Iterator[tuple[str, float]]:
    """Names as they become ready, each with its seconds; raises TimeoutError with those that did not."""
    started = time.monotonic()
    left = dict(waiting)
    reasons: dict[str, str] = {}
    while left:
        alive()
        for name in list(left):
            reasons[name] = left[name]()
            if not reasons[name]:
                del left[name]
                yield name, time.monotonic() - started
        if time.monotonic() - started > seconds and left:
            raise TimeoutError("; ".join(f"{name}: {reasons[name]}" for name in left))
        time.sleep(0.3)


def _postgres(platform: Platform) -> str:
    import psycopg2

    try:
        connect(platform, DATABASE).close()
    except psycopg2.OperationalError as error:
        # A database that is not there yet is answered by a server that is.
        return "" if f'database "{DATABASE}" does not exist' in str(error) else str(error).strip()
    return ""


def connect(platform: Platform, database: str) -> Any:
    """A connection as the master user, with the certificate and host name verified."""
    import psycopg2

    return psycopg2.connect(
        host="127.0.0.1", port=platform.ports.postgres, user=MASTER, password=platform.passwords.database,
        dbname=database, sslmode="verify-full", sslrootcert=str(platform.files.authority), connect_timeout=3,
    )  # fmt: skip


def broker_client(platform: Platform) -> Any:
    """A client of the broker, with the certificate and host name verified."""
    import redis

    return redis.Redis(
        host="127.0.0.1", port=platform.ports.broker, password=platform.passwords.broker, ssl=True,
        ssl_cert_reqs=ssl.CERT_REQUIRED, ssl_check_hostname=True, ssl_ca_certs=str(platform.files.authority),
        socket_connect_timeout=3, socket_timeout=5,
    )  # fmt: skip


def _broker(platform: Platform) -> str:
    import redis

    try:
        broker_client(platform).ping()
    except (redis.RedisError, OSError) as error:
        return str(error)
    return ""


def _heartbeat(platform: Platform, key: str, since: float) -> str:
    try:
        part = httpx.get(f"{platform.url}/api/v2/monitor/health", timeout=5).json()[key]
    except (httpx.HTTPError, ValueError, KeyError):
        return "the api-server does not answer"
    beat = part.get(f"latest_{key}_heartbeat")
    if not beat or datetime.datetime.fromisoformat(beat).timestamp() < since:
        return "no heartbeat yet"
    return "" if part["status"] == "healthy" else f"it is {part['status']}"


def _worker(platform: Platform, group: str) -> str:
    """Whether it listens to its queue. Celery's own client, without Airflow's: that takes seconds to import."""
    import redis
    from celery import Celery
    from kombu.exceptions import OperationalError

    url = platform.secrets[platform.values["data"]["brokerUrlSecretName"]]["connection"]
    try:
        with Celery(broker=url) as application:
            replies = application.control.inspect(destination=[f"{group}@local"], timeout=1).active_queues()
    except (OperationalError, redis.RedisError, OSError) as error:
        return str(error)
    return "" if replies else "it does not answer yet"


def _http(url: str) -> str:
    try:
        answer = httpx.get(url, timeout=5)
    except httpx.HTTPError as error:
        return str(error)
    return "" if answer.is_success else f"it answers {answer.status_code}"
