"""What an instance class of RDS, or a node type of ElastiCache, has: memory, processors, connections.

Both are EC2's types by another name, so one rule serves both: https://aws.amazon.com/ec2/instance-types/. A name that
the rule does not know has no answer, never a guess: its alarms use a rule that needs none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

GIB = 1024**3
MIB = 1024**2
BYTES_PER_CONNECTION = 9_531_392
MOST_CONNECTIONS = 5000
SEVERAL_VCPUS = 4
"""From here on the broker's one thread is a fraction of the machine, and its own metric says more."""
BURSTABLE: dict[str, dict[str, tuple[int, int]]] = {
    "t2": {"micro": (1, 1), "small": (2, 1), "medium": (4, 2), "large": (8, 2), "xlarge": (16, 4), "2xlarge": (32, 8)},
    "t3": {"micro": (1, 2), "small": (2, 2), "medium": (4, 2), "large": (8, 2), "xlarge": (16, 4), "2xlarge": (32, 8)},
}
BURSTABLE["t4g"] = BURSTABLE["t3"]
"""GiB and vCPUs by size. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-credits-baseline-concepts.html"""
GIB_PER_VCPU: dict[str, tuple[range, int]] = {
    # The generations before had odd sizes: r4.large has 15.25 GiB.
    "c": (range(5, 9), 2),
    "m": (range(4, 9), 4),
    "r": (range(5, 9), 8),
}
"""By the letter of a family: its generations that keep the rule, and the rule. Letters behind the generation name a
processor, a disk or a network, not a size."""
LARGE_MEMORY = {"x2g": 16, "x2idn": 16, "x8g": 16, "x2iedn": 32, "x2iezn": 32}
"""GiB for each vCPU, of whole families."""
BURSTING_DISKS = ("micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge")
"""Sizes whose path to the storage is faster for half an hour than it is for good. Only these have balances:
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ebs-optimized.html"""
_NAME = re.compile(r"(?:db|cache)\.(?P<family>(?P<letter>[a-z])(?P<generation>\d+)[a-z]*)\.(?P<size>[a-z0-9]+)")


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """Memory and processors of the machine. Database and broker may use somewhat less memory."""

    memory_gib: int
    vcpus: int


def capacity(name: str) -> Capacity | None:
    """Of an instance class or a node type, such as `db.m8g.large` or `cache.t4g.micro`."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    family, size = match["family"], match["size"]
    if family in BURSTABLE:
        found = BURSTABLE[family].get(size)
        return Capacity(memory_gib=found[0], vcpus=found[1]) if found else None
    vcpus, ratio = _vcpus(size), _gib_per_vcpu(family, match["letter"], int(match["generation"]))
    return Capacity(memory_gib=vcpus * ratio, vcpus=vcpus) if vcpus and ratio else None


def is_burstable(name: str) -> bool:
    """Whether its processors run on credits."""
    return re.match(r"(db|cache)\.t\d", name) is not None


def has_bursting_disk(name: str) -> bool:
    """Whether its path to the storage runs on credits."""
    return name.rpartition(".")[2] in BURSTING_DISKS


def most_connections(instance_class: str) -> int | None:
    """The largest `max_connections` that RDS may choose: `LEAST({DBInstanceClassMemory/9531392}, 5000)`.

    The true number is lower. DBInstanceClassMemory is what is left of the memory when the system and RDS have taken
    theirs: of 1 GiB more than a quarter, of 8 GiB some 7 %.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections
    """
    found = capacity(instance_class)
    return None if found is None else min(found.memory_gib * GIB // BYTES_PER_CONNECTION, MOST_CONNECTIONS)


def _vcpus(size: str) -> int | None:
    """Two for `large`, and doubling from there."""
    small = {"medium": 1, "large": 2, "xlarge": 4}
    several = re.fullmatch(r"([1-9]\d?)xlarge", size)
    return int(several[1]) * 4 if several else small.get(size)


def _gib_per_vcpu(family: str, letter: str, generation: int) -> int | None:
    if family in LARGE_MEMORY:
        return LARGE_MEMORY[family]
    generations, ratio = GIB_PER_VCPU.get(letter, (range(0), 0))
    return ratio if generation in generations else None
