"""The warehouse's table of observations, in SQL for PostgreSQL."""

from __future__ import annotations

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
"""Statements of one transaction. Several stations may run it at the same time."""
COUNT_ROWS = f"SELECT count(*) FROM {TABLE} WHERE station = %s AND to_char(day, 'YYYY-MM') = ANY(%s)"
"""How many rows a station has in some months."""
