"""A call that hangs on purpose holds up one engine, never the next."""

from __future__ import annotations

import pytest

from tests.engine.cloud import Cloud, CloudError
from tests.engine.faults import Fault, Faults
from tests.engine.journal import Call


def test_a_call_that_outlives_its_faults_hangs_no_longer() -> None:
    """It belongs to an engine that is dead; the next one has not reached anything yet."""
    faults = Faults(Cloud())
    faults.add(Fault(type="a", hangs="after"))
    late = Call(method="Create", type="a", name="", urn="")
    striking = faults.before(late)
    faults.lift()
    faults.add(Fault(type="a", hangs="after"))
    with pytest.raises(CloudError, match="interrupted"):
        faults.after(late, striking)
    assert not faults.reached.is_set()
