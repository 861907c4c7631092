"""How many tasks wait in each queue, and for how long: Airflow has no such metric.

A process of its own, which sends as Airflow does. It imports nothing of Airflow, so that it takes 20 MiB and not 200.
`chart/queue_probe.py` says where it runs.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import psycopg2
from psycopg2 import extensions

SECONDS = 10.0
"""Between two looks. CloudWatch's agent forgets a gauge after as long."""
ANSWER_SECONDS = 5.0
UNSERVED = "unserved"
"""Stands for every queue that no worker group serves."""
WAITING = """
    SELECT queue, count(*), greatest(extract(epoch FROM now() - min(queued_dttm)), 0)
    FROM task_instance WHERE state = 'queued' GROUP BY queue
"""
CONNECTION = {
    "application_name": "alisio-queue-probe",
    # The server gives up what nobody waits for any more.
    "options": f"-c statement_timeout={ANSWER_SECONDS * 1000:.0f}",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
STOPPING = (signal.SIGTERM, signal.SIGINT)
Row = tuple[str, int, float]
"""A queue, how many wait in it, and the seconds of the one that waits longest."""
log = logging.getLogger("queue-probe")


def lines(rows: Iterable[Row], served: Sequence[str]) -> Iterator[str]:
    """What is sent of these rows. A queue in which nothing waits is told, too: no word means that nobody looks."""
    waiting: dict[str, tuple[int, float]] = dict.fromkeys((*served, UNSERVED), (0, 0.0))
    for queue, count, seconds in rows:
        place = queue if queue in served else UNSERVED
        before = waiting[place]
        waiting[place] = (before[0] + count, max(before[1], seconds))
    yield f"airflow.queue.tasks:{sum(count for count, _ in waiting.values())}|g"
    for queue, (count, seconds) in waiting.items():
        yield f"airflow.queue.queued,queue={queue}:{count}|g"
        yield f"airflow.queue.oldest_seconds,queue={queue}:{seconds:.0f}|g"


class Database:
    """A connection that is opened when it is needed, and never waited for longer than ANSWER_SECONDS."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._connection: Any = None

    def rows(self) -> list[Row]:
        """What waits now. Raises psycopg2.Error or OSError."""
        try:
            if self._connection is None:
                self._connection = psycopg2.connect(self._uri, async_=True, **CONNECTION)
                _wait(self._connection)
            with self._connection.cursor() as cursor:
                cursor.execute(WAITING)
                _wait(self._connection)
                return [(queue, count, float(seconds or 0)) for queue, count, seconds in cursor.fetchall()]
        except (psycopg2.Error, OSError):
            self.close()
            raise

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _wait(connection: Any) -> None:
    # A server that hangs keeps its connections: its kernel acknowledges everything. So neither keepalives nor its own
    # `statement_timeout` end the waiting, and libpq has no timeout for an answer.
    deadline = time.monotonic() + ANSWER_SECONDS
    while (state := connection.poll()) != extensions.POLL_OK:
        reading = [connection] if state == extensions.POLL_READ else []
        writing = [connection] if state == extensions.POLL_WRITE else []
        ready = select.select(reading, writing, [], max(0, deadline - time.monotonic()))
        if not any(ready):
            raise TimeoutError(f"no answer within {ANSWER_SECONDS:.0f} s")


class Outages:
    """Says once that something is away, until it is there again."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._is_away = False

    def away(self, error: Exception) -> None:
        if not self._is_away:
            reason = " ".join(str(error).split())
            log.warning("%s: %s. Nothing is sent until that is over.", self._what, reason)
        self._is_away = True

    def there(self) -> None:
        self._is_away = False


def watch(database: Database, *, served: Sequence[str], to: tuple[str, int], seconds: float) -> None:
    """Look and send, for ever."""
    unread, unsent = Outages("The database does not answer"), Outages("The collector cannot be reached")
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    while True:
        began = time.monotonic()
        try:
            told = list(lines(database.rows(), served))
            unread.there()
        except (psycopg2.Error, OSError) as error:
            told = []
            unread.away(error)
        try:
            # By name each time: the collector may come back with another address.
            address = socket.gethostbyname(to[0]) if told else ""
            for line in told:
                out.sendto(line.encode(), (address, to[1]))
            unsent.there()
        except OSError as error:
            unsent.away(error)
        time.sleep(max(0.0, seconds - (time.monotonic() - began)))


def main(environment: dict[str, str]) -> None:
    """Run until told to stop, then end at once."""
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(name)s: %(message)s")
    # The first process of a container gets only the signals that it asks for. And a handler would have to wait while
    # the resolver looks for a name.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    arguments = {
        "served": environment["ALISIO_WORKER_QUEUES"].split(","),
        "to": (environment["AIRFLOW__METRICS__STATSD_HOST"], int(environment["AIRFLOW__METRICS__STATSD_PORT"])),
        "seconds": float(environment.get("ALISIO_QUEUE_PROBE_SECONDS") or SECONDS),
    }
    database = Database(environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    watching = threading.Thread(target=_watched, args=(database, arguments), daemon=True)
    watching.start()
    signal.sigwait(STOPPING)


def _watched(database: Database, arguments: dict[str, Any]) -> None:
    try:
        watch(database, **arguments)
    except BaseException:
        # Kubernetes starts it anew. A process whose thread is gone would only look alive.
        log.exception("It cannot go on")
        os._exit(1)


if __name__ == "__main__":
    main(dict(os.environ))
