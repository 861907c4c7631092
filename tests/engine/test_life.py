"""A stack's life on the real engine, with doubles for every provider."""

from __future__ import annotations

from collections import Counter

import pytest

from plan import plan_stack
from tests.engine.conftest import Life
from tests.engine.state import files_of, in_clear

pytestmark = pytest.mark.engine


def test_every_step_of_a_life_succeeds(life: Life) -> None:
    """Preview, up, preview and refresh end without an error, and say nothing that `plan` would not have said."""
    warnings = set(plan_stack(life.name).warnings)
    for step, outcome in life.outcomes.items():
        assert outcome.code == 0, f"{step}:\n{outcome.output}"
        assert set(outcome.messages()) <= warnings, step


def test_the_first_preview_shows_what_up_then_creates(life: Life) -> None:
    """A preview before anything exists leaves nothing out and invents nothing."""
    preview, up = life.outcomes["first preview"], life.outcomes["up"]
    shown, made = ({step.urn for step in each.steps if ":providers:" not in step.type} for each in (preview, up))
    assert shown == made
    assert set(preview.changes) == set(up.changes) == {"create"}
    assert preview.changes == up.changes


def test_each_resource_is_created_once(life: Life) -> None:
    """The cloud is asked once for each resource, and nothing is updated or replaced on the way."""
    journal = life.stage.world.journal
    custom = [each["urn"] for each in life.resources if each["custom"] and ":providers:" not in each["type"]]
    assert Counter(call.urn for call in journal.of("Create")) == Counter(custom)
    assert journal.of("Update", "Delete") == []


def test_a_second_preview_and_a_refresh_change_nothing(life: Life) -> None:
    """What was just deployed is as the program wants it, and as the cloud says it is."""
    for step in ("preview", "refresh"):
        assert set(life.outcomes[step].changes) == {"same"}, life.outcomes[step].output


def test_no_version_of_the_state_holds_a_secret_in_the_clear(life: Life) -> None:
    """Whoever finds the state, its backups, its history or its checkpoints, finds no password in them."""
    secrets = life.stage.secrets
    files = files_of(life.stage.engine.backend)
    assert any("history" in file.parts for file in files), "no version but the last one was looked at"
    assert len(secrets) > 20
    assert in_clear(secrets, files) == []


def test_the_search_for_secrets_finds_them(life: Life) -> None:
    """The exported state with its secrets shown is where the search must strike."""
    file = life.stage.engine.home / "shown.json"
    file.write_text(str(life.resources), encoding="utf-8")
    try:
        assert in_clear(life.stage.secrets, [file]) == ["shown.json"]
    finally:
        file.unlink()
