"""The warehouse's table of observations, in PostgreSQL's words."""

from __future__ import annotations

TABLE = "weather_observation"
MAKE_TABLE = (
    # IF NOT EXISTS is no promise between two who make the same table at once: one of them fails.
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
"""Statements of one transaction, that stations may run at the same moment."""
COUNT_ROWS = f"SELECT count(*) FROM {TABLE} WHERE station = %s AND to_char(day, 'YYYY-MM') = ANY(%s)"
"""How many rows a station has in some months."""
