"""What AWS allows in the names that are made of the stack's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from settings.base import Mistake

AUTONAMING = 8
"""Pulumi's suffix of a physical name: a hyphen and seven random hex digits."""
LOAD_BALANCER = 32
"""The tightest limit: `<project>-<stack>-1234567` must fit, and with it every longer name of ours with its wider limit
(replication group 40, database instance, bucket 63)."""


def stack_name_fits(project: str, stack: str) -> Iterator[Mistake]:
    """Pulumi allows capitals, dots and underscores in a stack's name; buckets, databases and brokers do not."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", stack):
        yield Mistake(
            "name of the stack", "a-z, 0-9 and single hyphens between them: it is part of names in AWS", stack
        )
    excess = len(f"{project}-{stack}") + AUTONAMING - LOAD_BALANCER
    if excess > 0:
        yield Mistake(
            "name of the stack",
            f"too long: a load balancer would be {project}-{stack}-1234567, and AWS allows {LOAD_BALANCER} characters; "
            f"shorten it by {excess}",
            stack,
        )
