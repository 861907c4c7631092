"""Somebody who is asked sees first what would be lost, and why."""

from __future__ import annotations

import io

import pytest
from pulumi.automation.events import EngineEvent

from refused import Refused
from scripts.update.overview import MANY, Overview
from scripts.update.questions import may_go_on
from scripts.update.steps import STATEFUL
from tests.program.scripts.update.telling import DATABASE, TOPIC, step, summary


def seen(*events: EngineEvent) -> Overview:
    overview = Overview()
    for event in events:
        overview(event)
    return overview


def lines(overview: Overview) -> list[str]:
    return [line.plain.strip() for line in overview.lines()]


def test_counts_come_first_then_what_goes_and_why() -> None:
    """A replacement names the property that forces it, and not the others; what does not change is a number."""
    found = lines(
        seen(
            step("create", TOPIC, "new"),
            step("update", TOPIC, "old", diff={"displayName": "update", "tags.a": "add"}),
            step("replace", DATABASE, "store", diff={"storageEncrypted": "update-replace", "tags": "update"}),
            step("create-replacement", DATABASE, "store"),
            step("delete", TOPIC, "gone"),
            step("same", TOPIC, "same"),
            summary(same=318),
        )
    )
    assert found == [
        "1 to replace, 1 to delete, 1 to update, 1 to create, 318 unchanged",
        "",
        "Replaced: what is there now goes:",
        "aws:rds:Instance  store  because of storageEncrypted  - WITH WHAT IS IN IT",
        "",
        "Deleted:",
        "aws:sns:Topic  gone",
        "",
        "Changed in place:",
        "aws:sns:Topic  old  (displayName, tags.a)",
        "",
        "Made:",
        "aws:sns:Topic  new",
    ]


def test_many_new_ones_of_a_type_are_a_number() -> None:
    """The first `up` of a stack makes hundreds."""
    many = [step("create", TOPIC, f"topic-{number}") for number in range(MANY)]
    assert lines(seen(*many, step("create", DATABASE, "store")))[-2:] == [
        "aws:rds:Instance  store",
        f"aws:sns:Topic  {MANY} of them",
    ]


def test_what_stays_in_the_cloud_is_no_loss() -> None:
    """A bucket with `retainOnDelete` is given up by Pulumi, and AWS keeps it."""
    overview = seen(step("delete", "aws:s3/bucket:Bucket", "data", retained=True))
    assert overview.losses == []
    assert lines(overview)[-1] == "aws:s3:Bucket  data  - given up only: it stays in the cloud"


@pytest.mark.parametrize("kind", sorted(STATEFUL))
def test_each_store_counts_when_it_goes(kind: str) -> None:
    """As a resource of the cloud's: a component of the same name has no events that count."""
    assert [step.name for step in seen(step("replace", kind, "it")).losses] == ["it"]
    assert kind.split(":")[0] in ("aws", "random")


def test_what_an_interrupted_replacement_left_counts_too() -> None:
    """Only its second half is to be done. Where both are, in either order, they are one replacement."""
    half, whole = step("delete-replaced", DATABASE, "store"), step("replace", DATABASE, "store")
    assert [each.op for each in seen(half).losses] == ["delete"]
    for both in ((half, whole), (whole, half)):
        assert [each.op for each in seen(*both).losses] == ["replace"]


def test_components_are_no_resources() -> None:
    assert lines(seen(step("create", "alisio:aws:Cache", "cache", custom=False))) == ["no changes"]


def test_machines_get_names_and_never_values() -> None:
    found = seen(step("update", TOPIC, "old", diff={"displayName": "update"}), summary(same=2)).for_machines()
    assert found["changes"] == {"replace": 0, "delete": 0, "update": 1, "create": 0}
    assert found["unchanged"] == 2
    assert "'properties': ['displayName']" in str(found["steps"])


LOSS = step("delete", DATABASE, "store")


def test_yes_alone_loses_no_store() -> None:
    """A pipeline says `--yes` to everything. What is lost for good has to be said on purpose."""
    with pytest.raises(Refused, match="does not cover the loss of what holds state: store") as refused:
        may_go_on("dev", seen(LOSS), ask=False, production=False, with_loss=False)
    assert "--with-loss" in refused.value.way_out
    may_go_on("dev", seen(LOSS), ask=False, production=False, with_loss=True)
    may_go_on("dev", seen(step("delete", TOPIC, "gone")), ask=False, production=True, with_loss=False)


@pytest.mark.parametrize(
    ("overview", "production", "answer"),
    [
        (seen(step("update", TOPIC, "old")), True, "yes"),
        (seen(step("delete", TOPIC, "gone")), False, "yes"),
        (seen(step("delete", TOPIC, "gone")), True, "prod"),
        (seen(LOSS), False, "prod"),
    ],
    ids=["change in production", "deletion elsewhere", "deletion in production", "loss of a store"],
)
def test_who_loses_something_types_the_name(
    monkeypatch: pytest.MonkeyPatch, overview: Overview, *, production: bool, answer: str
) -> None:
    """In production for each deletion; everywhere for what holds state. Another answer changes nothing."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal(f"{answer}\n"))
    may_go_on("prod", overview, ask=True, production=production, with_loss=False)
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    with pytest.raises(Refused, match="nothing was changed"):
        may_go_on("prod", overview, ask=True, production=production, with_loss=False)
