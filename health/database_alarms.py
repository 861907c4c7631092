"""Alarms about the database: the one part without which nothing works. Its metrics are free."""

from __future__ import annotations

from collections.abc import Iterator

from health import capacity
from health.alarm import Alarm
from health.capacity import GIB, MIB
from health.metric import Metric
from health.subjects import DATABASE, KINDS
from settings import DataStoreSettings

LATENCY_SECONDS = 0.02
"""AWS's own limit for both latencies. gp3 answers in a few milliseconds."""
TRANSACTION_IDS = 1_000_000_000
"""AWS's own limit. PostgreSQL stops at some 2,100 million, to save the data."""
LEAST_MEMORY_MIB = 256
"""Free memory below which any instance is in need, whatever its size."""
SMALL_GIB = 2
"""Instances up to this memory live below the 25 % that AWS advises."""


def database_alarms(settings: DataStoreSettings) -> Iterator[Alarm]:
    """Storage first: a database without it stops. Then what makes it slow."""
    yield _storage(settings.storage_gib)
    yield _cpu()
    yield _memory(settings.instance_class)
    yield from _connections(settings)
    yield _latency("reads", "ReadLatency")
    yield _latency("writes", "WriteLatency")
    yield _transaction_ids()
    if settings.performance_insights:
        yield _load()
    if capacity.has_bursting_disk(settings.instance_class):
        yield _balance("database-operations", "EBSIOBalance%", "operations")
        yield _balance("database-throughput", "EBSByteBalance%", "throughput")
    if capacity.is_burstable(settings.instance_class):
        yield _credits()


def _metric(name: str, statistic: str) -> Metric:
    return Metric(name=name, statistic=statistic, by=KINDS[DATABASE].dimensions)


def _storage(storage_gib: int) -> Alarm:
    return Alarm(
        name="database-storage",
        subject=DATABASE,
        title="The database is running out of storage",
        metrics={"value": _metric("FreeStorageSpace", "Minimum")},
        comparison="<",
        threshold=storage_gib * GIB / 10,
        period_seconds=300,
        datapoints=(6, 6),
        missing="notBreaching",
        pages=True,
        why=(
            f"A tenth of the first {storage_gib} GiB. Below a tenth of what it has, the storage grows by itself within "
            "minutes. So for half an hour it did not, or it has come to maxStorageGib."
        ),
        action="Raise dataStore.maxStorageGib. Storage grows at most once in six hours: what fills it?",
    )


def _cpu() -> Alarm:
    return Alarm(
        name="database-cpu",
        subject=DATABASE,
        title="The database's processors are busy, or it says nothing at all",
        metrics={"value": _metric("CPUUtilization", "Average")},
        comparison=">",
        threshold=90,
        datapoints=(5, 5),
        missing="breaching",
        why="Percent. The one metric that every instance sends each minute: without it, the database does not run.",
        action="Performance Insights shows what the queries wait for. Then a larger dataStore.instanceClass.",
    )


def _memory(instance_class: str) -> Alarm:
    found = capacity.capacity(instance_class)
    if found is None:
        threshold = LEAST_MEMORY_MIB * MIB
        why = f"{LEAST_MEMORY_MIB} MiB are little for any instance; how much {instance_class} has is not known here."
    else:
        percent = 10 if found.memory_gib <= SMALL_GIB else 25
        threshold = found.memory_gib * GIB * percent / 100
        why = f"{percent} % of the {found.memory_gib} GiB of {instance_class}."
    return Alarm(
        name="database-memory",
        subject=DATABASE,
        title="The database has little memory left",
        metrics={"value": _metric("FreeableMemory", "Average")},
        comparison="<",
        threshold=threshold,
        datapoints=(15, 15),
        missing="notBreaching",
        why=f"Bytes: {why} Without memory for its cache, PostgreSQL reads from the disk.",
        action="Look for many connections or a large work_mem. Then a larger dataStore.instanceClass.",
    )


def _connections(settings: DataStoreSettings) -> Iterator[Alarm]:
    """None where the limit is not known: an unknown class, or a formula in the parameter group."""
    given = settings.parameters.get("max_connections")
    if given is None:
        most = capacity.most_connections(settings.instance_class)
        percent, reason = 70, "as RDS chooses it for the whole memory of the class; the true number is up to 28 % lower"
    else:
        most = int(given) if given.isdecimal() else None
        percent, reason = 90, "as dataStore.parameters says"
    if not most:
        return
    yield Alarm(
        name="database-connections",
        subject=DATABASE,
        title="The database has few connections left",
        metrics={"value": _metric("DatabaseConnections", "Average")},
        comparison=">",
        threshold=most * percent // 100,
        datapoints=(5, 5),
        missing="notBreaching",
        why=f"{percent} % of max_connections = {most}, {reason}.",
        action="Fewer schedulers or api-servers, or a larger dataStore.instanceClass.",
    )


def _latency(what: str, metric: str) -> Alarm:
    return Alarm(
        name=f"database-{what}",
        subject=DATABASE,
        title=f"The database's storage is slow: {what}",
        # No percentile: RDS sends few numbers a minute, and of few numbers CloudWatch takes none.
        metrics={"value": _metric(metric, "Average")},
        comparison=">",
        threshold=LATENCY_SECONDS,
        period_seconds=300,
        datapoints=(3, 3),
        missing="notBreaching",
        why=f"Seconds. gp3 needs a few milliseconds; {LATENCY_SECONDS * 1000:.0f} are AWS's own limit.",
        action="Is the disk's queue long (DiskQueueDepth)? Look for a query that reads a whole table, or a clean-up.",
    )


def _transaction_ids() -> Alarm:
    return Alarm(
        name="database-transaction-ids",
        subject=DATABASE,
        title="PostgreSQL will run out of transaction ids",
        metrics={"value": _metric("MaximumUsedTransactionIDs", "Maximum")},
        comparison=">",
        threshold=TRANSACTION_IDS,
        period_seconds=300,
        datapoints=(3, 3),
        missing="notBreaching",
        why="Vacuum cleans up at 200 million. It stops at some 2,100 million, and so would PostgreSQL.",
        action="Something keeps vacuum from its work: a transaction of days, or a replication slot that nobody reads.",
    )


def _load() -> Alarm:
    return Alarm(
        name="database-load",
        subject=DATABASE,
        title="More sessions want to run than the database has processors",
        # Against the number of processors, so that it holds for every class.
        metrics={"value": _metric("DBLoadRelativeToNumVCPUs", "Average")},
        comparison=">",
        threshold=1,
        datapoints=(15, 15),
        missing="notBreaching",
        why="Sessions that run or wait, for each processor. Above 1 they wait for each other.",
        action="Performance Insights shows the queries, and what they wait for.",
    )


def _balance(name: str, metric: str, what: str) -> Alarm:
    return Alarm(
        name=name,
        subject=DATABASE,
        title=f"The instance's reserve of storage {what} is nearly used up",
        metrics={"value": _metric(metric, "Average")},
        comparison="<",
        threshold=10,
        period_seconds=300,
        datapoints=(3, 3),
        missing="notBreaching",
        why="Percent. Without it the storage falls back to the class's steady speed, a fraction of the best.",
        action="A larger dataStore.instanceClass, if it happens again.",
    )


def _credits() -> Alarm:
    return Alarm(
        name="database-credits",
        subject=DATABASE,
        title="The database's processors cost extra",
        metrics={"value": _metric("CPUSurplusCreditsCharged", "Maximum")},
        comparison=">",
        threshold=0,
        period_seconds=300,
        datapoints=(3, 3),
        missing="notBreaching",
        why="A burstable class has a share of its processors. RDS never slows it down, it bills what is above.",
        action="An m class for dataStore.instanceClass, if that is no exception.",
    )
