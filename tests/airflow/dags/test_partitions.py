"""A month in the lake holds each day once, however often and in which pieces it was delivered."""

from __future__ import annotations

import datetime
from pathlib import Path

import pyarrow as pa
import pytest
import vega_datasets
from hypothesis import given
from hypothesis import strategies as st
from integration.observations import Observation, parse
from integration.partitions import SCHEMA, by_month, from_parquet, merged, partition_key, to_parquet

SEATTLE = parse((Path(vega_datasets.__file__).parent / "_data" / "seattle-weather.csv").read_bytes(), station="seattle")


def observation(day: datetime.date, wind: float) -> Observation:
    return Observation(
        station="x",
        day=day,
        precipitation_mm=0,
        temperature_max_c=1,
        temperature_min_c=0,
        wind_m_s=wind,
        weather="sun",
    )


def test_months_part_the_observations() -> None:
    """Four years are 48 months; each day stands in its own, and none is lost."""
    months = by_month(SEATTLE.observations)
    assert len(months) == 48
    assert (
        sorted((each for days in months.values() for each in days), key=lambda each: each.day) == SEATTLE.observations
    )
    assert all(f"{each.day:%Y-%m}" == month for month, days in months.items() for each in days)


def test_parquet_gives_back_what_it_was_given() -> None:
    """No value and no type changes on the way through the lake."""
    assert from_parquet(to_parquet(SEATTLE.observations)) == SEATTLE.observations


def test_the_same_observations_make_the_same_bytes() -> None:
    """A second run of the same delivery changes no object."""
    assert to_parquet(SEATTLE.observations) == to_parquet(merged(SEATTLE.observations, SEATTLE.observations))


def test_a_file_of_another_schema_is_refused() -> None:
    """A foreign file in the lake is an error, not an empty month."""
    import io

    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table({"day": [1]}), out)
    with pytest.raises((pa.ArrowInvalid, ValueError, KeyError)):
        from_parquet(out.getvalue())


def test_no_column_may_be_empty() -> None:
    """The schema of the lake says what the parser guarantees."""
    assert not any(column.nullable for column in SCHEMA)


def test_the_key_is_hives_form() -> None:
    """Athena, DuckDB and Spark find the partitions by name."""
    assert partition_key(station="seattle", month="2012-01") == "station=seattle/month=2012-01/observations.parquet"


DAYS = st.dates(datetime.date(2026, 1, 1), datetime.date(2026, 1, 9))
DELIVERIES = st.lists(st.builds(observation, DAYS, st.floats(0, 9)), max_size=12)


@given(DELIVERIES, DELIVERIES)
def test_merging_keeps_the_last_word_on_each_day(old: list[Observation], new: list[Observation]) -> None:
    """Each day once, in order, with the newest values; merging again changes nothing."""
    result = merged(old, new)
    days = [each.day for each in result]
    assert days == sorted({each.day for each in [*old, *new]})
    last = {each.day: each for each in [*old, *new]}
    assert all(last[each.day] == each for each in result)
    assert merged(result, new) == result
