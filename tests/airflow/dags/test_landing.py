"""Of everything that lands it is known who takes it, or why nobody does."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from integration.landing import (
    AT_ONCE_BYTES,
    AT_ONCE_FILES,
    LANDING,
    MAX_NAME_BYTES,
    MAX_SHARES,
    MAX_STATION_BYTES,
    QUARANTINE,
    REPORTS,
    Landed,
    found,
)

NOON = datetime.datetime(2026, 2, 3, 12, tzinfo=datetime.UTC)
AIRFLOWS_MAP_LENGTH = 1024
S3_KEY_BYTES = 1024
ETAG = "d41d8cd98f00b204e9800998ecf8427e-10000"


def landed(path: str, *, size: int = 100, minutes: int = 0) -> Landed:
    return Landed(key=f"{LANDING}{path}", etag=ETAG, size=size, at=NOON + datetime.timedelta(minutes=minutes))


@pytest.mark.parametrize(
    "path", ["x/a.csv", "x/EXPORT.CSV", "x/a.Csv", "são paulo+sp/são joão & co=1.csv", "x/2026/02/a.csv", "x/.csv"]
)
def test_a_file_of_a_station_is_taken(path: str) -> None:
    """However the suffix is written, and in whatever folder of the station it lies."""
    new = found([landed(path)], reports=set())
    assert [each.key for each in new.stations[path.partition("/")[0]]] == [f"{LANDING}{path}"]
    assert not new.refused


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("loose.csv", "it lies in no folder of a station"),
        ("/x.csv", "the name of its station is empty"),
        ("x/a.csv.gz", "its name does not end in .csv"),
        ("x/notes", "its name does not end in .csv"),
        ("x//a.csv", "its name has an empty part"),
        ("x/../a.csv", "its name has an empty part, or one of dots only"),
        ("../a.csv", "the name of its station has an empty part, or one of dots only"),
        ("x\0/a.csv", "the name of its station has characters that cannot be printed"),
        ("x/a\n.csv", "its name has characters that cannot be printed"),
        ("é" * 101 + "/a.csv", f"the name of its station has more than {MAX_STATION_BYTES} bytes"),
        ("x/" + "a" * 500 + ".csv", f"its name has more than {MAX_NAME_BYTES} bytes"),
        ("x/", "it lies in no folder of a station"),
    ],
)
def test_what_is_no_file_of_a_station_is_refused_with_its_reason(path: str, reason: str) -> None:
    """Nothing that lands is passed over in silence."""
    new = found([landed(path)], reports=set())
    assert not new.stations
    [refused] = new.refused
    assert str(refused.refusal).startswith(reason)


def test_only_the_consoles_folders_are_no_delivery() -> None:
    """The empty object that S3's console makes for a folder is neither loaded nor set aside."""
    assert not found([landed("x/", size=0), landed("", size=0)], reports=set())


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=1024).filter(lambda path: len(path.encode()) < 1000))
def test_every_object_has_a_report_of_its_own(path: str) -> None:
    """Whatever its key, an object is taken or refused, its report ends that, and S3 takes the keys of both notes."""
    one = landed(path)
    new = found([one], reports=set())
    assert len(new.refused) + sum(map(len, new.stations.values())) == 1
    assert not found([one], reports={one.report})
    for key, prefix in ((one.report, REPORTS), (one.quarantine, QUARANTINE)):
        assert key.startswith(prefix)
        assert len(key.encode()) <= S3_KEY_BYTES
    other = landed(f"{path}.other/b.csv")
    assert other.report != one.report


def test_the_oldest_file_comes_first() -> None:
    """Stations wait no longer than their oldest file, and a station's files keep their order."""
    new = found(
        [landed("b/2.csv", minutes=2), landed("a/3.csv", minutes=3), landed("b/1.csv", minutes=1)], reports=set()
    )
    assert list(new.stations) == ["b", "a"]
    assert [each.name for each in new.stations["b"]] == ["1.csv", "2.csv"]


@pytest.mark.parametrize(("stations", "files"), [(1025, 1), (1, 1025), (3000, 3), (40, 100), (7, 1), (201, 1)])
def test_any_number_of_files_is_shared_out_whole(stations: int, files: int) -> None:
    """Each station is in one share or with the first task, nobody is left out, and Airflow can map to the shares."""
    new = found([landed(f"{s}/{f}.csv") for s in range(stations) for f in range(files)], reports=set())
    mine = new.at_once()
    shares = new.shares(without=mine)
    everybody = [*mine, *(station for share in shares for station in share)]
    assert sorted(everybody) == sorted(new.stations)
    assert sum(len(new.stations[station]) for station in mine) <= AT_ONCE_FILES
    assert len(shares) <= MAX_SHARES < AIRFLOWS_MAP_LENGTH
    assert all(shares)


def test_shares_are_about_as_large() -> None:
    """No task has more than another by more than one station's files."""
    new = found([landed(f"{s}/{f}.csv") for s in range(400) for f in range(1 + s % 7)], reports=set())
    sizes = [sum(len(new.stations[station]) for station in share) for share in new.shares(without=[])]
    assert max(sizes) - min(sizes) <= 7


def test_a_few_large_files_are_shared_out_too() -> None:
    """The first task takes no more than it can do in seconds."""
    new = found([landed(f"{s}/a.csv", size=AT_ONCE_BYTES // 8 + 1) for s in range(20)], reports=set())
    assert len(new.at_once()) == 7
