"""Monitoring switched on, changed and off again: it touches what is its own, and nothing ever waits for an alarm."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.engine.events import UNTOUCHED, Outcome
from tests.engine.faults import Fault
from tests.engine.refused_inputs import BUDGET, COMPOSITE, METRIC_ALARM, MUTE_RULE, TOPIC
from tests.engine.stage import Stage
from tests.program.facts import TOLD

pytestmark = pytest.mark.engine

STACK: Final = "dev"
"""It has fewer alarms than `prod`, of the same kinds."""
OFF: Final[Mapping[str, Any]] = {"enabled": False}
ON: Final[Mapping[str, Any]] = {
    "metrics": "small",
    "containerInsights": False,
    "canaryMinutes": 60,
    "emails": ["platform@example.com"],
}
"""As in the stack's file, with somebody who is told."""
SILENT: Final[Mapping[str, Any]] = {**{key: ON[key] for key in ON if key != "emails"}, "alarms": False}
EVERYTHING: Final[Mapping[str, Any]] = {"containerInsights": True, **TOLD}
PATIENCE_SECONDS: Final = 120
OWN: Final = ("alisio:aws:Monitoring$", "alisio:aws:Telemetry$")
ALARMS: Final = (METRIC_ALARM, COMPOSITE)
RELEASE: Final = "kubernetes:helm.sh/v3:Release"
LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
# Who sends metrics, and may: Airflow's pods, and what the network lets out to the agent.
SENDERS: Final = {
    "Release airflow",
    *(f"NetworkPolicy airflow-{part}" for part in ("api-server", "dag-processor", "scheduler", "triggerer", "worker")),
}
DASHBOARD: Final = "Dashboard monitoring"
INSIGHTS: Final = {
    *(f"LogGroup telemetry-{kind}" for kind in ("dataplane", "host", "performance")),
    *(f"MetricAlarm monitoring-{what}" for what in ("crash-loops", "node-disk", "node-memory", "out-of-memory")),
    *(
        f"MetricAlarm monitoring-restarts.airflow-{part}"
        for part in ("api-server", "dag-processor", "scheduler", "triggerer")
    ),
}
# Settings of monitoring and others, and what is touched.
CHANGES: Final[dict[str, tuple[Mapping[str, Any], dict[str, Any], dict[str, set[str]]]]] = {
    "one more who is told": (
        {"emails": ["platform@example.com", "b@example.com"]}, {},
        {"create": {f"TopicSubscription monitoring-{topic}-b@example.com" for topic in ("broker", "pages", "tickets")}},
    ),
    "a chat": (
        {"slack": TOLD["slack"]}, {},
        {"create": {"Role monitoring-chat", "SlackChannelConfiguration monitoring-slack"}},
    ),
    "a pause": ({"pauses": TOLD["pauses"]}, {}, {"create": {"AlarmMuteRule monitoring-nights-1"}}),
    "a budget": ({"monthlyBudgetUsd": 500}, {}, {"create": {"Budget monitoring"}}),
    "longer logs": ({"logDays": 60}, {}, {"update": {"LogGroup telemetry-application"}}),
    "a canary twice as often": (
        {"canaryMinutes": 30}, {}, {"update": {"MetricAlarm monitoring-canary.default", DASHBOARD, "Release airflow"}},
    ),
    "metrics of pods and nodes": (
        {"containerInsights": True}, {},
        {"create": INSIGHTS, "update": {"Addon telemetry", "RolePolicy telemetry-agent-own", DASHBOARD}},
    ),
    "a larger database": (
        {}, {"alisio:dataStore.instanceClass": "db.t4g.large"},
        {"update": {
            "Instance data-store-instance", DASHBOARD,
            *(f"MetricAlarm monitoring-database-{what}" for what in ("connections", "memory")),
        }},
    ),
}  # fmt: skip


def settle(stage: Stage, monitoring: Mapping[str, Any], **settings: Any) -> Outcome:
    """Put these settings of monitoring, and others of the stack, and bring them about."""
    others = {f"alisio:{key}": value for key, value in settings.items()}
    stage.project.configure(STACK, {"alisio:monitoring": {**monitoring}, **others})
    outcome = stage.engine.up(STACK)
    assert outcome.code == 0, outcome.output
    return outcome


def touched(outcome: Outcome) -> dict[str, set[str]]:
    """What is not left alone, by operation: the kind and the name without the stack's prefix."""
    found: dict[str, set[str]] = {}
    for step in outcome.steps:
        if step.custom and step.op not in UNTOUCHED and not step.type.startswith("pulumi:"):
            name = step.name.removeprefix(f"alisio-{STACK}").removeprefix("-")
            found.setdefault(step.op, set()).add(f"{step.type.rpartition(':')[2]} {name}")
    return found


def urns(stage: Stage) -> set[str]:
    return {thing.urn for thing in stage.world.cloud.things}


def waited_for(stage: Stage, urn: str) -> set[str]:
    """All that the engine made before it, since it depends on it, or on what depends on it.

    What a component is told to come after is recorded there, and its children come after their parent.
    """
    known = {each["urn"]: each for each in stage.engine.resources(STACK)}
    found: set[str] = set()
    left = [urn]
    while left:
        each = known[left.pop()]
        properties: dict[str, list[str] | None] = each.get("propertyDependencies") or {}
        parent = [each["parent"]] if each.get("parent") else []
        of_properties = (urn for urns in properties.values() for urn in urns or ())
        names = {*parent, *(each.get("dependencies") or ()), *of_properties}
        left += names - found
        found |= names
    return found


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory, pulumi: None) -> Iterator[Stage]:  # noqa: ARG001
    """The stack without monitoring, deployed."""
    with Stage(tmp_path_factory.mktemp("unwatched"), stack=STACK, checkpoints=False) as started:
        started.engine.init(STACK)
        settle(started, OFF)
        yield started


def test_it_is_switched_on_and_off_and_nothing_else_changes(life: Stage) -> None:
    """To switch it on makes what is its own, and updates who sends metrics. To switch it off takes away just these,
    with their log group and topics, and updates the same back.
    """
    settle(life, OFF)
    off = urns(life)
    on = touched(settle(life, ON))
    made = urns(life) - off
    assert all(any(own in each for own in OWN) for each in made)
    assert on.keys() == {"create", "update"}
    assert len(on["create"]) == len(made)
    assert on["update"] == SENDERS
    again = life.engine.preview(STACK)
    assert set(again.changes) == {"same"}, again.output

    assert touched(settle(life, OFF)) == {"delete": on["create"], "update": on["update"]}
    assert urns(life) == off


def test_everything_comes_goes_and_comes_again(life: Stage) -> None:
    """With every way to tell people. What has gone with its name can be had again under the same name."""
    settle(life, ON)
    before = urns(life)
    assert touched(settle(life, EVERYTHING)).keys() == {"create", "update"}
    assert {BUDGET, MUTE_RULE} <= {thing.type for thing in life.world.cloud.things}
    settle(life, ON)
    assert urns(life) == before
    settle(life, EVERYTHING)
    settle(life, ON)
    assert urns(life) == before


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_touches_what_it_is_about(life: Stage, what: str) -> None:
    """No other resource is updated, and none is replaced or deleted."""
    monitoring, others, expected = CHANGES[what]
    file = life.project.stack_file(STACK)
    # Other tests leave it switched on, or off.
    if not life.world.cloud.of_type(METRIC_ALARM):
        settle(life, ON)
    before = file.read_text(encoding="utf-8")
    life.project.configure(STACK, {"alisio:monitoring": {**ON, **monitoring}, **others})
    try:
        outcome = life.engine.preview(STACK)
    finally:
        file.write_text(before, encoding="utf-8")
    assert outcome.code == 0, outcome.output
    assert touched(outcome) == expected


def test_a_protected_stack_may_be_watched_less(life: Stage) -> None:
    """Alarms, topics and the agent with its logs go with their settings. The rest stays protected."""
    settle(life, EVERYTHING, protect=True)
    try:
        fewer = touched(settle(life, ON))
        assert {"Budget monitoring", "AlarmMuteRule monitoring-nights-1"} <= fewer["delete"]
        none = touched(settle(life, SILENT))
        assert none.keys() == {"delete"}
        assert not {thing.type for thing in life.world.cloud.things} & {*ALARMS, MUTE_RULE, BUDGET}
        settle(life, OFF)
        assert not [each for each in urns(life) if any(own in each for own in OWN)]
        life.world.journal.clear()
        assert life.engine.destroy(STACK).code != 0
        assert life.world.journal.of("Delete") == []
    finally:
        settle(life, OFF, protect=False)


def test_airflow_waits_for_no_alarm_and_destroy_leaves_none(
    tmp_path: Path,
    pulumi: None,  # noqa: ARG001
) -> None:
    """While every alarm hangs, Airflow is installed; what it comes after is no alarm and no topic of theirs.

    Refused at last, the alarms are made by the next update. `pulumi destroy` leaves no log group, topic or alarm.
    """
    with Stage(tmp_path, stack=STACK, checkpoints=False) as stage:
        stage.engine.init(STACK)
        stage.project.configure(STACK, {"alisio:monitoring": {**EVERYTHING}})
        for type_ in ALARMS:
            stage.world.faults.add(Fault(type=type_, hangs="before", times=1000))
        # So many that what hangs takes no other's place.
        running = stage.engine.start_up(STACK, "--parallel", "200")
        try:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not (installed := bool(_airflow(stage))) and time.monotonic() < deadline:
                time.sleep(0.1)
            assert not [thing for type_ in ALARMS for thing in stage.world.cloud.of_type(type_)]
        finally:
            stage.world.faults.lift()
            outcome = running.wait()
        assert installed, outcome.output
        assert outcome.code != 0
        assert {step.type for step in outcome.failed} <= set(ALARMS)
        settle(stage, EVERYTHING)

        waited = {urn for thing in _airflow(stage) for urn in waited_for(stage, thing)}
        assert any(OWN[1] in urn for urn in waited), "for the agent it does wait"
        assert {urn for urn in waited if OWN[0] in urn or any(f"{type_}::" in urn for type_ in ALARMS)} == set()

        there = {thing.type for thing in stage.world.cloud.things}
        assert {LOG_GROUP, TOPIC, *ALARMS} <= there
        destroyed = stage.engine.destroy(STACK)
        assert destroyed.code == 0, destroyed.output
        assert stage.world.cloud.things == []


def _airflow(stage: Stage) -> list[str]:
    return [each.urn for each in stage.world.cloud.of_type(RELEASE) if each.name == f"alisio-{STACK}-airflow"]
