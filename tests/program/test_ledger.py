"""The identity of every resource, against the ledger in tests/program/ledger/."""

from __future__ import annotations

import pytest

from tests.program.conftest import planned
from tests.program.ledger import STACKS, entries, recorded


@pytest.mark.parametrize("name", STACKS)
def test_no_resource_changes_its_identity_unnoticed(name: str) -> None:
    """Every URN is the one in the ledger: a rename or a new parent would delete and recreate what holds data.

    Meant it? `python -m tests.program.ledger`.
    """
    now, before = set(entries(planned(name))), set(recorded(name))
    assert sorted(before - now) == [], "gone, so it would be deleted: give it an alias, or run make ledger"
    assert sorted(now - before) == [], "new: run make ledger"


@pytest.mark.parametrize("name", STACKS)
def test_urns_are_unique(name: str) -> None:
    """No two resources share a URN: the engine would refuse the second."""
    found = entries(planned(name))
    assert len(found) == len(set(found))
