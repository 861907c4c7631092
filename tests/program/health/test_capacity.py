"""What is known of a class is what AWS publishes, and thresholds follow from it. What is not known is not guessed."""

from __future__ import annotations

import re
from itertools import chain
from typing import Any

import pytest

from health.broker_alarms import broker_alarms
from health.capacity import BURSTABLE, GIB, GIB_PER_VCPU, LARGE_MEMORY, MIB, Capacity, capacity, most_connections
from health.database_alarms import database_alarms
from settings import CacheSettings, DataStoreSettings

# https://aws.amazon.com/rds/instance-types/ and https://aws.amazon.com/elasticache/pricing/: vCPUs, GiB
PUBLISHED = {
    "db.t3.micro": (2, 1),
    "db.t4g.micro": (2, 1),
    "db.t4g.small": (2, 2),
    "db.t4g.medium": (2, 4),
    "db.t4g.large": (2, 8),
    "db.t4g.xlarge": (4, 16),
    "db.t4g.2xlarge": (8, 32),
    "db.m4.10xlarge": (40, 160),
    "db.m5.24xlarge": (96, 384),
    "db.m6gd.16xlarge": (64, 256),
    "db.m8g.large": (2, 8),
    "db.m8g.48xlarge": (192, 768),
    "db.r5b.12xlarge": (48, 384),
    "db.r6idn.32xlarge": (128, 1024),
    "db.r7g.xlarge": (4, 32),
    "db.r8g.large": (2, 16),
    "db.c6gd.medium": (1, 2),
    "db.x2g.large": (2, 32),
    "db.x2idn.16xlarge": (64, 1024),
    "db.x2iedn.xlarge": (4, 128),
    "db.x2iezn.2xlarge": (8, 256),
    "cache.t2.micro": (1, 1),
    "cache.t4g.small": (2, 2),
    "cache.m7g.large": (2, 8),
    "cache.r7g.16xlarge": (64, 512),
    "cache.c7gn.2xlarge": (8, 16),
}
UNKNOWN = [
    # Odd sizes of old generations, families that may come, and what is no class.
    *("db.r4.large", "db.r3.large", "db.m3.medium", "db.m9g.large", "db.x1e.xlarge", "db.z1d.large", "db.q1.large"),
    *("db.m8g.metal", "db.m8g.nano", "db.t4g.4xlarge", "db.t5.micro", "cache.r4.large", "m8g.large", "db.m8g"),
]
# AWS Prescriptive Guidance on PostgreSQL's memory: the formula's value for the whole memory.
FORMULA = {1: 112, 2: 225, 4: 450, 8: 901, 16: 1802, 32: 3604, 64: 5000, 768: 5000}
SIZES = ("medium", "large", "xlarge", *(f"{number}xlarge" for number in (2, 3, 4, 6, 8, 9, 10, 12, 16, 18, 24, 32, 48)))


def database(**keys: Any) -> DataStoreSettings:
    return DataStoreSettings.model_validate(keys)


def broker(**keys: Any) -> CacheSettings:
    return CacheSettings.model_validate(keys)


def classes(service: str) -> list[str]:
    """Every class of the known families, also those that AWS does not offer."""
    burstable = (f"{family}.{size}" for family, sizes in BURSTABLE.items() for size in sizes)
    regular = (
        f"{letter}{generation}{behind}.{size}"
        for letter, (generations, _) in GIB_PER_VCPU.items()
        for generation in generations
        for behind in ("", "g", "gd", "i")
        for size in SIZES
    )
    large = (f"{family}.{size}" for family in LARGE_MEMORY for size in SIZES)
    return [f"{service}.{name}" for name in chain(burstable, regular, large)]


@pytest.mark.parametrize(("name", "published"), PUBLISHED.items())
def test_capacity_is_what_aws_publishes(name: str, published: tuple[int, int]) -> None:
    assert capacity(name) == Capacity(vcpus=published[0], memory_gib=published[1])


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_known_is_not_guessed(name: str) -> None:
    assert capacity(name) is None
    assert most_connections(name) is None


def test_connections_are_those_of_the_formula() -> None:
    by_memory = {each.memory_gib: name for name in classes("db") if (each := capacity(name))}
    assert {gib: most_connections(by_memory[gib]) for gib in FORMULA} == FORMULA


def test_every_known_class_has_thresholds_below_what_it_has() -> None:
    """Recomputed by the rules of the family, for every class that the settings accept."""
    for name in classes("db"):
        found = capacity(name)
        assert found, name
        performance = not re.fullmatch(r"db\.t\d\w?\.(micro|small)", name)
        settings = database(instanceClass=name, storageGib=100, performanceInsights=performance)
        alarms = {alarm.name: alarm for alarm in database_alarms(settings)}
        percent = 10 if found.memory_gib <= 2 else 25
        assert alarms["database-memory"].threshold == found.memory_gib * 1024**3 * percent / 100, name
        upper = min(found.memory_gib * 1024**3 // 9_531_392, 5000)
        assert alarms["database-connections"].threshold == upper * 70 // 100, name
        assert alarms["database-storage"].threshold == 10 * GIB
        assert ("database-load" in alarms) == performance
        assert ("database-credits" in alarms) == name.startswith("db.t")


def test_the_smallest_instance_can_reach_its_limit() -> None:
    """A t4g.micro has some 81 connections, not the 112 of the formula: an alarm above would never fire."""
    settings = database(instanceClass="db.t4g.micro", performanceInsights=False)
    alarms = {alarm.name: alarm for alarm in database_alarms(settings)}
    assert alarms["database-connections"].threshold < 81


def test_every_known_node_type_has_a_limit_of_one_thread() -> None:
    """Redis works in one thread: below four processors, that is a share of the machine's."""
    for name in classes("cache"):
        found = capacity(name)
        assert found, name
        alarms = {alarm.name: alarm for alarm in broker_alarms(broker(nodeType=name, replicas=0))}
        cpu = alarms["broker-cpu.001"]
        expected = ("EngineCPUUtilization", 90) if found.vcpus >= 4 else ("CPUUtilization", 90 / found.vcpus)
        assert (cpu.metrics["value"].name, cpu.threshold) == expected, name
        assert ("broker-credits.001" in alarms) == name.startswith("cache.t")


def test_an_unknown_class_has_alarms_that_need_no_table() -> None:
    """Never a wrong number: what is left holds for every class, and connections have no alarm."""
    ours = {alarm.name: alarm for alarm in database_alarms(database(instanceClass="db.q9z.large"))}
    assert "database-connections" not in ours
    assert ours["database-memory"].threshold == 256 * MIB
    ours = {alarm.name: alarm for alarm in broker_alarms(broker(nodeType="cache.q9z.large"))}
    assert ours["broker-cpu.001"].metrics["value"].name == "EngineCPUUtilization"


@pytest.mark.parametrize(("given", "threshold"), [("200", 180), ("LEAST({DBInstanceClassMemory/1},9)", None)])
def test_connections_of_the_parameter_group(given: str, threshold: int | None) -> None:
    """A number is exact, whatever the class. A formula is RDS's to work out."""
    settings = database(instanceClass="db.q9z.large", parameters={"max_connections": given})
    found = {alarm.name: alarm.threshold for alarm in database_alarms(settings)}
    assert found.get("database-connections") == threshold
