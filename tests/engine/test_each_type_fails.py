"""A cloud that refuses the first resource of every type in turn: each `up` says which, and the next one goes on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import Life
from tests.engine.events import Outcome
from tests.engine.faults import Fault
from tests.engine.raw import differences
from tests.engine.stage import Stage
from tests.engine.state import recorded, revealed

pytestmark = pytest.mark.engine

STACK = "prod"
"""It has all the types: a load balancer too."""

# What the engine says after the errors of resources. They name no cause, so none of them may come first.
AFTERWARDS = re.compile(r"update failed|resource monitor (shut down|has terminated)|preview failed", re.IGNORECASE)


@pytest.fixture
def stage(tmp_path: Path, pulumi: None) -> Iterator[Stage]:  # noqa: ARG001
    with Stage(tmp_path, stack=STACK, checkpoints=False) as found:
        found.engine.init(STACK)
        yield found


def complaint(type_: str) -> str:
    return f"AccessDenied: no more of {type_}"


def errors(outcome: Outcome) -> list[tuple[str, str]]:
    """The URN and the text of each error, in the order in which a person reads them."""
    found = (event["diagnosticEvent"] for event in outcome.events if "diagnosticEvent" in event)
    return [(each.get("urn", ""), each["message"].strip()) for each in found if each["severity"] == "error"]


def as_made(resources: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """By URN: what it is in the cloud, and what the engine knows of it, without the time and without any order."""
    return {
        each["urn"]: {
            **recorded(each),
            "id": each.get("id"),
            "inputs": revealed(each.get("inputs") or {}),
            "outputs": revealed(each.get("outputs") or {}),
        }
        for each in resources
        if not each["type"].startswith("pulumi:providers:")
    }


def test_each_type_fails_once_and_the_stack_becomes_what_it_would_have_been(
    stage: Stage, lives: Callable[[str], Life]
) -> None:
    """The first create of every type is refused: the errors are those of the resources that were refused, first of all.

    Whatever was refused, `up` again goes on from there. At the end nothing exists twice, and ids, secrets, inputs and
    dependencies are those of a stack that never failed.
    """
    whole = lives(STACK)
    types = {thing.type for thing in whole.stage.world.cloud.things}
    assert len(types) > 50
    for type_ in types:
        stage.world.faults.add(Fault(type=type_, fails=complaint(type_)))

    refused: Counter[str] = Counter()
    outcome = stage.engine.up(STACK)
    while outcome.code:
        failed = {step.urn: step.type for step in outcome.failed}
        assert failed, outcome.output
        said = errors(outcome)
        urn, text = said[0]
        assert complaint(failed[urn]) in text, said
        for urn, text in said:
            assert (urn in failed and complaint(failed[urn]) in text) or AFTERWARDS.search(text), said
        refused.update(failed.values())
        assert len(refused) == refused.total(), f"refused twice: {refused}"
        outcome = stage.engine.up(STACK)

    assert set(refused) == types
    assert Counter(thing.urn for thing in stage.world.cloud.things) == Counter(
        thing.urn for thing in whole.stage.world.cloud.things
    )
    ours, theirs = as_made(stage.engine.resources(STACK, show_secrets=True)), as_made(whole.resources)
    assert ours.keys() == theirs.keys()
    different = {urn: [*differences(ours[urn], theirs[urn])] for urn in ours if ours[urn] != theirs[urn]}
    assert different == {}
    again = stage.engine.preview(STACK)
    assert set(again.changes) == {"same"}, again.output
