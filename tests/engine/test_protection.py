"""A protected stack loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.stage import Stage

pytestmark = pytest.mark.engine


@pytest.mark.xfail(strict=True, reason="protection of the leaves is not enough: what depends on them goes")
def test_destroy_of_a_protected_stack_deletes_nothing(tmp_path: Path, pulumi: None) -> None:  # noqa: ARG001
    """`pulumi destroy` of production fails, and every resource is still there."""
    with Stage(tmp_path, stack="prod") as stage:
        stage.engine.init("prod")
        assert stage.engine.up("prod").code == 0
        before = len(stage.world.cloud.things)
        refused = stage.engine.destroy("prod")
        assert refused.code != 0
        assert stage.world.journal.of("Delete") == []
        assert len(stage.world.cloud.things) == before
