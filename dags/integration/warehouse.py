"""The warehouse's table of observations, in SQL for PostgreSQL, and the one transaction that loads a station."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple
from typing import Any

from integration.observations import Observation

TABLE = "weather_observation"
MAKE_TABLE = (
    # Two sessions that make the same table at once: IF NOT EXISTS does not help, and one of them fails.
    # https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
    f"SELECT pg_advisory_xact_lock(hashtext('{TABLE}'))",
    f"""
    CREATE TABLE IF NOT EXISTS {TABLE} (
        station text NOT NULL,
        day date NOT NULL,
        precipitation_mm double precision NOT NULL,
        temperature_max_c double precision NOT NULL,
        temperature_min_c double precision NOT NULL,
        wind_m_s double precision NOT NULL,
        weather text NOT NULL,
        PRIMARY KEY (station, day)
    )
    """,
)
"""Statements of one transaction. Several sessions may run it at the same time."""
COUNT_ROWS = f"SELECT count(*) FROM {TABLE} WHERE station = %s AND to_char(day, 'YYYY-MM') = ANY(%s)"
"""How many rows a station has in some months."""
LOCK_STATION = f"SELECT pg_advisory_xact_lock(hashtext('{TABLE}'), hashtext(%s))"
"""One transaction at a time loads a station, even if a task that was given up still runs somewhere."""
COLUMNS = ("station", "day", "precipitation_mm", "temperature_max_c", "temperature_min_c", "wind_m_s", "weather")
UPSERT = (
    f"INSERT INTO {TABLE} ({', '.join(COLUMNS)}) VALUES {{rows}} ON CONFLICT (station, day) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in COLUMNS[2:])
)
ROWS_AT_ONCE = 1000
"""A statement has at most 65,535 parameters."""


class Warehouse:
    """The table, by connections of `connect`: one for each thread that loads."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._own = threading.local()
        self._connections: list[Any] = []
        self._connecting = threading.Lock()

    def make_table(self) -> None:
        connection = self._connection()
        with _transaction(connection) as cursor:
            for statement in MAKE_TABLE:
                cursor.execute(statement)

    @contextlib.contextmanager
    def loading(self, station: str, months: Iterable[str], rows: Sequence[Observation]) -> Iterator[None]:
        """Upsert all rows of a station's months. They count only if the block ends well."""
        with _transaction(self._connection()) as cursor:
            cursor.execute(LOCK_STATION, (station,))
            for start in range(0, len(rows), ROWS_AT_ONCE):
                part = rows[start : start + ROWS_AT_ONCE]
                places = ", ".join([f"({', '.join(['%s'] * len(COLUMNS))})"] * len(part))
                cursor.execute(UPSERT.format(rows=places), [value for row in part for value in astuple(row)])
            cursor.execute(COUNT_ROWS, (station, list(months)))
            (count,) = cursor.fetchone()
            if count != len(rows):
                raise ValueError(f"{TABLE} holds {count} observations of these months, the lake {len(rows)}")
            yield

    def close(self) -> None:
        for connection in self._connections:
            connection.close()

    def _connection(self) -> Any:
        if not hasattr(self._own, "connection"):
            # Airflow's hook is not made for threads.
            with self._connecting:
                self._own.connection = self._connect()
                self._connections.append(self._own.connection)
        return self._own.connection


@contextlib.contextmanager
def _transaction(connection: Any) -> Iterator[Any]:
    with connection.cursor() as cursor:
        try:
            yield cursor
            connection.commit()
        except BaseException:
            # A connection that is gone has nothing to take back, and its error is not the reason.
            with contextlib.suppress(Exception):
                connection.rollback()
            raise
