"""What AWS allows in names that contain the stack's name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from settings.base import Mistake

AUTONAMING = 8
"""Length of the suffix that Pulumi adds to a physical name: a hyphen and seven random hex digits."""
LOAD_BALANCER = 32
"""The lowest limit. Where `<project>-<stack>-1234567` fits, every name fits that has no other setting in it: it is
longer, but so is its limit (replication group 40, database instance and bucket 63). `settings/rules.py` has a rule for
each name that holds one more setting; tests/program/test_names.py computes all of them."""


def stack_name_fits(project: str, stack: str) -> Iterator[Mistake]:
    """Refuse a name that Pulumi allows and AWS does not: capitals, dots and underscores, or too many characters."""
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
