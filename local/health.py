"""Is each part ready? Asked the way its users would ask: over TLS, with a password, through the API."""

from __future__ import annotations

import datetime
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from chart.parts import Part
from chart.secrets import CONNECTION, Secret
from chart.uris import DATABASE
from local.airflow.environment import process_name
from local.airflow.processes import TASK_LOGS
from local.differences import AIRFLOW_HOST, worker_name
from local.platform import Platform
from local.ports import LOOPBACK
from local.services import broker, emulator, load_balancer, postgres, provider, statsd

HEARTBEATS = (Part.SCHEDULER, Part.TRIGGERER, Part.DAG_PROCESSOR)
"""They write a heartbeat into the database, and the API shows it."""
API_HEALTH = "/api/v2/monitor/health"
Check = Callable[[], str]
"""Empty when ready. Otherwise it says what is not."""


def checks(platform: Platform, *, since: float) -> Mapping[str, Check]:
    """A check for each process, by its name. A heartbeat counts when it is newer than `since`."""
    heartbeats = {part.value: lambda part=part: _heartbeat(platform, part, since) for part in HEARTBEATS}
    workers = {
        process_name(Part.WORKER, group): lambda name=group["name"]: _worker(platform, name)
        for group in platform.groups
    }
    return {
        postgres.NAME: lambda: _postgres(platform),
        broker.NAME: lambda: _broker(platform),
        emulator.NAME: lambda: _http(f"{platform.emulator}{emulator.READY}"),
        statsd.NAME: lambda: "" if statsd.answers(platform.ports.statsd) else "it does not listen",
        **(_door(platform) if platform.single_sign_on else {}),
        Part.API_SERVER.value: lambda: _http(f"{platform.ports.api_url}{API_HEALTH}"),
        **heartbeats,
        **workers,
        Part.FLOWER.value: lambda: _http(f"{platform.flower}/healthcheck"),
        TASK_LOGS: lambda: _http(f"{platform.ports.task_logs_url}/log/", wanted=httpx.codes.FORBIDDEN),
    }


def _door(platform: Platform) -> Mapping[str, Check]:
    """Asked over TLS by their own names. Not every machine resolves that of the load balancer; browsers do."""
    trusting = ssl.create_default_context(cafile=str(platform.files.authority))
    door = f"https://{LOOPBACK}:{platform.ports.https}{API_HEALTH}"
    named: dict[str, Any] = {"headers": {"Host": AIRFLOW_HOST}, "extensions": {"sni_hostname": AIRFLOW_HOST}}
    return {
        provider.NAME: lambda: _http(f"{platform.ports.provider_url}/jwks", verify=trusting),
        load_balancer.NAME: lambda: _http(door, verify=trusting, **named),
    }


def wait(waiting: Mapping[str, Check], *, seconds: float, alive: Callable[[], object]) -> Iterator[tuple[str, float]]:
    """Names as they become ready, each with its seconds. Raises TimeoutError with those that did not."""
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
        platform.connect(DATABASE).close()
    except psycopg2.OperationalError as error:
        # The server that says so is ready. The database comes later.
        return "" if f'database "{DATABASE}" does not exist' in str(error) else str(error).strip()
    return ""


def _broker(platform: Platform) -> str:
    import redis

    try:
        platform.broker_client().ping()
    except (redis.RedisError, OSError) as error:
        return str(error)
    return ""


def _heartbeat(platform: Platform, part: Part, since: float) -> str:
    key = part.value.replace("-", "_")
    try:
        health = httpx.get(f"{platform.ports.api_url}{API_HEALTH}", timeout=5).json()[key]
    except (httpx.HTTPError, ValueError, KeyError):
        return f"the {Part.API_SERVER.value} does not answer"
    beat = health.get(f"latest_{key}_heartbeat")
    if not beat or datetime.datetime.fromisoformat(beat).timestamp() < since:
        return "no heartbeat yet"
    return "" if health["status"] == "healthy" else f"it is {health['status']}"


def _worker(platform: Platform, group: str) -> str:
    """Whether it listens to its queue. Asked by Celery's own client: to import Airflow's takes seconds."""
    import redis
    from celery import Celery
    from kombu.exceptions import OperationalError

    url = platform.secrets[Secret.BROKER.value][CONNECTION]
    try:
        with Celery(broker=url) as application:
            replies = application.control.inspect(destination=[worker_name(group)], timeout=1).active_queues()
    except (OperationalError, redis.RedisError, OSError) as error:
        return str(error)
    return "" if replies else "it does not answer yet"


def _http(url: str, wanted: int = httpx.codes.OK, *, verify: Any = True, **named: Any) -> str:
    try:
        with httpx.Client(timeout=5, verify=verify) as client:
            answer = client.get(url, **named)
    except httpx.HTTPError as error:
        return str(error)
    return "" if answer.status_code == wanted else f"it answers {answer.status_code}"
