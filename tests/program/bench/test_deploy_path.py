"""The critical path of a deployment, from the times of its calls and what waited for what."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bench.deploy_durations import DURATIONS, METHODS, duration, seconds
from bench.deploy_path import Span, backwards, early, longest_chain, recorded, total
from plan import Deployment

GRAPH: Mapping[str, set[str]] = {
    "network": set(),
    "cluster": {"network"},
    "database": {"network"},
    "component": {"cluster"},
    "release": {"component", "database"},
}
SPANS = {"network": Span(0, 2), "cluster": Span(2, 10), "database": Span(2, 15), "release": Span(17, 5)}


def test_the_path_goes_back_to_what_was_waited_for_longest() -> None:
    """The cluster is faster than the database, so nobody waits for it."""
    path = longest_chain(SPANS, GRAPH)
    assert path == ["network", "database", "release"]
    assert total(SPANS, path) == 22


def test_what_was_left_alone_is_passed_through() -> None:
    """A component has no call, and the path goes through it."""
    slow = {**SPANS, "cluster": Span(2, 20)}
    assert longest_chain(slow, GRAPH) == ["network", "cluster", "release"]
    assert longest_chain({}, GRAPH) == []


def test_the_path_of_a_deletion_is_the_other_way_round() -> None:
    """The release goes first, the network last."""
    assert longest_chain(SPANS, backwards(GRAPH)) == ["release", "database", "network"]


def test_an_engine_that_does_not_wait_is_seen() -> None:
    """The graph must be the one that was followed, or its path means nothing."""
    assert early(SPANS, GRAPH) == []
    assert early({**SPANS, "release": Span(16, 5)}, GRAPH) == [("release", "database")]


def test_the_graph_of_values_leaves_out_wishes() -> None:
    """What a program only wishes to be first could be dropped; a value could not."""
    state = [
        {"urn": "a", "parent": "c"},
        {"urn": "b", "parent": "c", "dependencies": ["a", "d"], "propertyDependencies": {"x": ["d"], "y": None},
         "provider": "p::id"},
    ]  # fmt: skip
    assert recorded(state) == {"a": {"c"}, "b": {"a", "c", "d", "p"}}
    assert recorded(state, values_only=True) == {"a": set(), "b": {"d", "p"}}


@pytest.mark.parametrize("type_", DURATIONS)
def test_what_is_not_estimated_has_a_source(type_: str) -> None:
    """A number is somebody's measurement, or called our estimate."""
    found = DURATIONS[type_]
    assert found.source or all(found.is_estimate(method) for method in METHODS)
    assert set(found.estimate.split(", ")) <= {method.lower() for method in METHODS}


def test_what_takes_long_is_in_the_table(any_run: Deployment) -> None:
    """Database and broker are longer with a standby; a change of the database may wait for its window."""
    database = any_run.one("aws:rds/instance:Instance")
    standby = bool(database.inputs["multiAz"])
    assert seconds("Create", database.type, database.inputs) == (900 if standby else 450)
    assert seconds("Update", database.type, {"multiAz": True, "applyImmediately": True}) == 1200
    assert seconds("Update", database.type, {"multiAz": True}) < 120
    assert duration("kubernetes:helm.sh/v3:Release", {"chart": "keda"}).create < 300
