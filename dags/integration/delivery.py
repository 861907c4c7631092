"""One station's files: read, merged into the lake's months, loaded, reported. Each counts whole or not at all."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from integration.blame import is_the_files
from integration.landing import LAKE, MAX_FILE_BYTES, Landed
from integration.observations import Delivery, Observation, parse, refused_whole, rejects_csv
from integration.partitions import by_month, from_parquet, merged, partition_key, to_parquet
from integration.store import ChangedError, Read, Store
from integration.warehouse import Warehouse

FILES_AT_ONCE, BYTES_AT_ONCE = 100, 2 * MAX_FILE_BYTES
"""What is held in memory at the same time. Read and parsed, a file takes some four times its size."""
TRIES = 3
"""How often a month is merged anew that somebody else changed meanwhile."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a file."""

    file: Landed
    delivery: Delivery


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where files go, and what their reports say about who brought them."""

    store: Store
    warehouse: Warehouse | None
    """None if the platform has no connection to one: then the lake is all there is."""
    brought_by: Mapping[str, object]


def bring(files: Sequence[Landed], into: Destination) -> list[Outcome]:
    """Bring files of one station, the oldest first. A file that cannot be taken is set aside, and stops no other.

    What may pass is raised: then no file of the station is reported that was not brought, and all is safe to repeat.
    """
    return [outcome for some in _portions(files) for outcome in _bring_some(some, into)]


def set_aside(file: Landed, reason: str, into: Destination) -> Outcome:
    """Note that an object is not taken, and why."""
    return _note(Outcome(file=file, delivery=refused_whole(reason, text=file.key)), into)


def _portions(files: Sequence[Landed]) -> Iterator[list[Landed]]:
    portion: list[Landed] = []
    size = 0
    for file in files:
        size += file.size
        if portion and (len(portion) == FILES_AT_ONCE or size > BYTES_AT_ONCE):
            yield portion
            portion, size = [], file.size
        portion.append(file)
    if portion:
        yield portion


def _bring_some(files: Sequence[Landed], into: Destination) -> list[Outcome]:
    # One that is gone, or has another content by now, has no outcome: the new content is a file of its own.
    read = [outcome for file in files if (outcome := _read(file, into.store))]
    try:
        _merge(read, into)
    except Exception as error:
        if not is_the_files(error):
            raise
        read = [_alone(outcome, into) for outcome in read]
    return [_note(outcome, into) for outcome in read]


def _alone(outcome: Outcome, into: Destination) -> Outcome:
    """One of several files cannot be stored. Alone it shows which."""
    try:
        _merge([outcome], into)
    except Exception as error:
        if not is_the_files(error):
            raise
        reason = f"it cannot be stored: {type(error).__name__}: {error}"
        return Outcome(file=outcome.file, delivery=refused_whole(reason))
    return outcome


def _read(file: Landed, store: Store) -> Outcome | None:
    if file.size > MAX_FILE_BYTES:
        return Outcome(file=file, delivery=refused_whole(f"the file has more than {MAX_FILE_BYTES:,} bytes"))
    read = store.read(file.key, etag=file.etag)
    if read is None:
        return None
    try:
        # A day begins in the east before it does here.
        delivery = parse(read.data, station=file.station, latest=file.at.date() + datetime.timedelta(days=1))
    except Exception as error:
        if not is_the_files(error):
            raise
        delivery = refused_whole(f"it cannot be read: {type(error).__name__}: {error}")
    if not delivery.observations and not delivery.rejects:
        delivery = refused_whole("the file has a header and no observation")
    return Outcome(file=file, delivery=delivery)


def _merge(outcomes: Sequence[Outcome], into: Destination) -> None:
    """Lake and warehouse change together: the months are written while the transaction is open that loads them."""
    observations = [each for outcome in outcomes for each in outcome.delivery.observations]
    if not observations:
        return
    for left in reversed(range(TRIES)):
        try:
            _merge_once(observations, into)
            return
        except ChangedError:
            if not left:
                raise


def _merge_once(observations: Sequence[Observation], into: Destination) -> None:
    station = observations[0].station
    months: dict[str, tuple[str, Read | None, list[Observation]]] = {}
    for month, new in by_month(observations).items():
        key = LAKE + partition_key(station=station, month=month)
        before = into.store.read(key)
        months[month] = (key, before, merged(_known(into.store, key, before), new))
    if into.warehouse is None:
        _write(into.store, months.values())
        return
    with into.warehouse.loading(station, months, [row for _, _, rows in months.values() for row in rows]):
        _write(into.store, months.values())


def _known(store: Store, key: str, before: Read | None) -> list[Observation]:
    if before is None:
        return []
    try:
        return from_parquet(before.data)
    except Exception as error:
        raise ValueError(f"the lake's s3://{store.bucket}/{key} cannot be read: {error}") from None


def _write(store: Store, months: Iterable[tuple[str, Read | None, list[Observation]]]) -> None:
    for key, before, rows in months:
        store.replace(key, to_parquet(rows), before=before)


def _note(outcome: Outcome, into: Destination) -> Outcome:
    """Write what is set aside, then the report: a file with a report is done."""
    file, delivery = outcome.file, outcome.delivery
    if delivery.rejects:
        into.store.write(file.quarantine, rejects_csv(delivery.rejects))
    report = {
        "key": file.key,
        "etag": file.etag,
        "accepted": len(delivery.observations),
        "rejected": len(delivery.rejects),
        "reasons": delivery.reasons(),
        "quarantined": file.quarantine if delivery.rejects else None,
        **into.brought_by,
    }
    into.store.write(file.report, json.dumps(report, indent=2))
    return outcome
