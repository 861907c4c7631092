"""Observations as Parquet: one file for a station's month. A later delivery updates it day by day."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict

import pyarrow as pa
import pyarrow.parquet as pq

from integration.observations import Observation

SCHEMA = pa.schema(
    [
        pa.field("station", pa.string(), nullable=False),
        pa.field("day", pa.date32(), nullable=False),
        pa.field("precipitation_mm", pa.float64(), nullable=False),
        pa.field("temperature_max_c", pa.float64(), nullable=False),
        pa.field("temperature_min_c", pa.float64(), nullable=False),
        pa.field("wind_m_s", pa.float64(), nullable=False),
        pa.field("weather", pa.string(), nullable=False),
    ]
)


def partition_key(*, station: str, month: str) -> str:
    """Where a month lies below the prefix of the data set. In Hive's form, so that every engine can skip partitions."""
    return f"station={station}/month={month}/observations.parquet"


def by_month(observations: Iterable[Observation]) -> Mapping[str, list[Observation]]:
    """Observations, by the month of their partition."""
    months: dict[str, list[Observation]] = defaultdict(list)
    for observation in observations:
        months[observation.month].append(observation)
    return dict(months)


def merged(old: Iterable[Observation], new: Iterable[Observation]) -> list[Observation]:
    """One observation a day, in order. A new one replaces the old one of its day."""
    days = {observation.day: observation for observation in [*old, *new]}
    return [days[day] for day in sorted(days)]


def to_parquet(observations: list[Observation]) -> bytes:
    """The same observations make the same bytes, so a second run changes nothing."""
    table = pa.Table.from_pylist([asdict(observation) for observation in observations], schema=SCHEMA)
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def from_parquet(data: bytes) -> list[Observation]:
    """The observations of a file. pyarrow raises its own error if the file has another schema."""
    # pq.read_table could infer partition columns from a path. A buffer holds just the file.
    table = pq.ParquetFile(io.BytesIO(data)).read().cast(SCHEMA)
    return [Observation(**row) for row in table.to_pylist()]
