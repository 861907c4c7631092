"""A restored database: which instance Pulumi takes for its own, without and with what the runbook says."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.commands import commands
from tests.engine.conftest import Life

pytestmark = pytest.mark.engine

INSTANCE = "aws:rds/instance:Instance"
NEW = "db-RESTORED"


@pytest.fixture
def restored(lives: Callable[[str], Life]) -> Iterator[Life]:
    """A stack whose database was renamed out of the way of a restored one, which has its identifier now."""
    life = lives("dev")
    cloud, before = life.stage.world.cloud, life.stage.engine.export("dev")
    (old,) = [each for each in cloud.things if each.type == INSTANCE]
    kept = copy.deepcopy((old.inputs, old.outputs, old.claims))
    new = replace(old, id=NEW, inputs=copy.deepcopy(old.inputs), outputs={**old.outputs, "id": NEW, "resourceId": NEW})
    cloud.change(old, lambda properties: properties.update(identifier=f"{properties['identifier']}-old"))
    # Its name is free for the other one.
    old.claims = ()
    cloud.add(new)
    try:
        yield life
    finally:
        cloud.remove(new)
        old.inputs, old.outputs, old.claims = kept
        life.stage.engine.import_("dev", before)


def database(state: dict[str, Any]) -> dict[str, Any]:
    (found,) = [each for each in state["deployment"]["resources"] if each["type"] == INSTANCE]
    return found


def told(state: dict[str, Any]) -> dict[str, Any]:
    """The state with the new id, by the program that the page gives to jq; where there is no jq, as that does it."""
    if shutil.which("jq") is None:
        mine = database(state)
        mine["id"] = mine["outputs"]["id"] = mine["outputs"]["resourceId"] = NEW
        return state
    (command,) = commands("jq")
    *arguments, _ = [NEW if word == "$ID" else word for word in command.words]
    arguments[arguments.index("$URN")] = database(state)["urn"]
    done = subprocess.run(arguments, input=json.dumps(state), text=True, capture_output=True, check=True)
    return json.loads(done.stdout)


def test_pulumi_follows_the_old_instance_unless_it_is_told(restored: Life) -> None:
    """A refresh alone finds the renamed instance, and the next update would rename it back."""
    assert restored.stage.engine.refresh("dev").code == 0
    assert restored.stage.engine.preview("dev").touched == {"update": {"alisio-dev-data-store-instance"}}


def test_with_the_new_resource_id_in_its_state_pulumi_has_the_restored_instance(restored: Life) -> None:
    """After the runbook's export, change and import, nothing is left to do, and nothing is replaced."""
    engine = restored.stage.engine
    engine.import_("dev", told(engine.export("dev")))
    refreshed = engine.refresh("dev")
    assert refreshed.code == 0, refreshed.output
    assert database(engine.export("dev"))["id"] == NEW
    preview = engine.preview("dev")
    assert preview.touched == {}, preview.output
