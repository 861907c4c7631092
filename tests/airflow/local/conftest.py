"""An empty data directory of the local platform."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from local.state import State


@pytest.fixture
def state(tmp_path: Path) -> State:
    """An empty data directory."""
    made = State(tmp_path / "data")
    made.prepare()
    return made


def mode(path: Path) -> int:
    """Who may do what with a file."""
    return stat.S_IMODE(path.stat().st_mode)
