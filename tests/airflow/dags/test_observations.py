"""Of each delivered line it is known what became of it."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
import vega_datasets
from hypothesis import given
from hypothesis import strategies as st
from integration.observations import COLUMNS, Observation, parse, rejects_csv

SEATTLE = Path(vega_datasets.__file__).parent / "_data" / "seattle-weather.csv"
HEADER = ",".join(COLUMNS)
GOOD = "2026-02-03,1.5,9.0,2.0,3.1,rain"


def one_line(line: str) -> str:
    """The reason for which a line is rejected; empty when it is accepted."""
    delivery = parse(f"{HEADER}\n{line}\n".encode(), station="x")
    assert len(delivery.observations) + len(delivery.rejects) == 1
    return delivery.rejects[0].reason if delivery.rejects else ""


def test_four_years_of_real_weather_are_accepted_completely() -> None:
    """NOAA's observations of Seattle, 2012 to 2015, hold 1461 days, and no line of them is rejected."""
    delivery = parse(SEATTLE.read_bytes(), station="seattle")
    assert delivery.rejects == []
    assert len(delivery.observations) == 1461
    assert [each.day for each in delivery.observations] == [
        datetime.date(2012, 1, 1) + datetime.timedelta(days=number) for number in range(1461)
    ]
    assert round(sum(each.precipitation_mm for each in delivery.observations), 1) == 4426.0


def test_values_are_typed() -> None:
    """A line becomes an observation of dates and numbers."""
    [observation] = parse(f"{HEADER}\n{GOOD}".encode(), station="x").observations
    assert observation == Observation(
        station="x",
        day=datetime.date(2026, 2, 3),
        precipitation_mm=1.5,
        temperature_max_c=9.0,
        temperature_min_c=2.0,
        wind_m_s=3.1,
        weather="rain",
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2026-02-30,1.5,9,2,3,rain", "date is not of the form"),
        ("03.02.2026,1.5,9,2,3,rain", "date is not of the form"),
        ("2026-02-03,,9,2,3,rain", "precipitation is not a number"),
        ("2026-02-03,nan,9,2,3,rain", "precipitation is not within"),
        ("2026-02-03,inf,9,2,3,rain", "precipitation is not within"),
        ("2026-02-03,-0.1,9,2,3,rain", "precipitation is not within"),
        ("2026-02-03,1,61,2,3,rain", "temp_max is not within"),
        ("2026-02-03,1,9,-91,3,rain", "temp_min is not within"),
        ("2026-02-03,1,2,9,3,rain", "temp_min is above temp_max"),
        ("2026-02-03,1,9,2,500,rain", "wind is not within"),
        ("2026-02-03,1,9,2,3,sleet", "weather is none of"),
        ("2026-02-03,1,9,2,3", "not 6 values"),
        ("2026-02-03,1,9,2,3,rain,more", "not 6 values"),
        ('"2026-02-03,1,9,2,3,rain', "not 6 values"),
    ],
)
def test_a_bad_line_is_rejected_with_its_reason(line: str, reason: str) -> None:
    """A line that is not an observation is never guessed into one."""
    assert one_line(line).startswith(reason)


def test_one_bad_line_costs_no_other() -> None:
    """The lines around a bad one are accepted, and the reject names its line."""
    text = f'{HEADER}\n2026-02-01,0,9,2,3,sun\n"broken\n2026-02-03,0,9,2,3,sun\n'
    delivery = parse(text.encode(), station="x")
    assert [each.day.day for each in delivery.observations] == [1, 3]
    assert [(reject.line, reject.text) for reject in delivery.rejects] == [(3, '"broken')]


def test_a_day_that_stands_twice_is_rejected_the_second_time() -> None:
    """A file does not contradict itself silently."""
    delivery = parse(f"{HEADER}\n{GOOD}\n{GOOD}".encode(), station="x")
    assert len(delivery.observations) == 1
    assert delivery.reasons() == {"the day stands twice in the file": 1}


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"day,rain\n2026-02-03,1\n", HEADER.replace(",", ";").encode()])
def test_a_file_of_another_form_is_rejected_whole(data: bytes) -> None:
    """Nothing is loaded from a file that is not the agreed one, and one reject says why."""
    delivery = parse(data, station="x")
    assert delivery.observations == []
    assert len(delivery.rejects) == 1


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    """Excel's files are accepted."""
    assert len(parse(b"\xef\xbb\xbf" + f"{HEADER}\r\n{GOOD}\r\n".encode(), station="x").observations) == 1


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")), max_size=20))
def test_no_line_is_lost(lines: list[str]) -> None:
    """Whatever a file holds: every line that is not empty is an observation or a reject, and none is both."""
    delivery = parse("\n".join([HEADER, *lines]).encode(), station="x")
    assert len(delivery.observations) + len(delivery.rejects) == sum(bool(line.strip()) for line in lines)


@given(st.binary(max_size=400))
def test_no_file_breaks_the_parser(data: bytes) -> None:
    """Any bytes give a delivery, never an exception."""
    delivery = parse(data, station="x")
    assert delivery.observations == [] or data.startswith((HEADER.encode(), b"\xef\xbb\xbf"))


def test_rejects_can_be_read_back() -> None:
    """The quarantined text is the delivered one, whatever quotes and commas it holds."""
    import csv

    delivery = parse(f'{HEADER}\n2026-02-03,"a,b",9,2,3,rain'.encode(), station="x")
    [row] = csv.DictReader(rejects_csv(delivery.rejects).splitlines())
    assert row == {"line": "2", "reason": "precipitation is not a number", "text": '2026-02-03,"a,b",9,2,3,rain'}
