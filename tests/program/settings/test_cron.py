"""Schedules: the settings take what Kubernetes takes. A test of the real API server asks it about the same table."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from settings.cron import Cron
from tests.crons import ACCIDENTS, REFUSED, TAKEN

CRON = TypeAdapter[str](Cron)


@pytest.mark.parametrize("schedule", TAKEN)
def test_a_schedule_that_kubernetes_takes_is_taken(schedule: str) -> None:
    """Nothing that works is forbidden."""
    assert CRON.validate_python(schedule) == schedule


@pytest.mark.parametrize("schedule", [*REFUSED, *ACCIDENTS])
def test_a_schedule_that_kubernetes_refuses_is_refused_before_anything_is_created(schedule: str) -> None:
    """The mistake is one of the settings, and not of an update that failed half way."""
    with pytest.raises(ValidationError, match="a cron expression"):
        CRON.validate_python(schedule)
