from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_project import write_project


@pytest.fixture(autouse=True)
def forget_modules() -> Iterator[None]:
    """Two checkouts have a module of the same name."""
    yield
    sys.modules.pop("small_part", None)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of two components and two stacks, in a folder of its own."""
    return write_project(tmp_path / "checkout")
