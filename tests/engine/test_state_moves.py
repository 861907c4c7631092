"""The state goes to another backend, and gets another passphrase: the stack stays as it is."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.conftest import Life
from tests.engine.engine import Engine
from tests.engine.programs import program
from tests.engine.stage import Stage
from tests.engine.state import files_of, in_clear

pytestmark = pytest.mark.engine

NEW = "another one"


def test_a_state_moves_and_gets_another_passphrase(
    lives: Callable[[str], Life], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Imported elsewhere nothing is to be done; with a new passphrase neither, and the old one opens nothing more.

    No version of the state that is written meanwhile holds a secret in the clear.
    """
    life = lives("dev")
    with Stage(tmp_path / "stage") as stage:
        engine = stage.engine
        engine.init("dev")
        engine.import_("dev", life.stage.engine.export("dev"))
        moved = engine.preview("dev")
        assert (moved.code, set(moved.changes)) == (0, {"same"}), moved.output

        old = engine.environment
        changed = subprocess.run(
            [str(program("pulumi")), "stack", "change-secrets-provider", "passphrase", "--stack", "dev"],
            # Pulumi asks a terminal only, unless its own tests do the asking.
            cwd=stage.project.folder, env={**old, "PULUMI_TEST_INTERACTIVE": "true"}, input=f"{NEW}\n{NEW}\n",
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert changed.returncode == 0, changed.stderr
        refused = engine.preview("dev")
        assert refused.code != 0
        assert "incorrect passphrase" in refused.output
        monkeypatch.setattr(Engine, "environment", property(lambda _: {**old, "PULUMI_CONFIG_PASSPHRASE": NEW}))
        for outcome in (engine.preview("dev"), engine.up("dev")):
            assert (outcome.code, set(outcome.changes)) == (0, {"same"}), outcome.output
        assert stage.world.journal.of("Create", "Update", "Delete") == []
        assert in_clear(life.stage.secrets, files_of(engine.backend)) == []
