"""Which resource waited for which: the critical path of what the engine did, and the shortest that any order allows.

At a scale the engine's own seconds are as long as AWS's, and would decide who seems to wait for whom. So the journal
gives how long each call took, the state gives what waited for what, and both are put together without the engine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, final

Graph = Mapping[str, Collection[str]]
"""What each resource waits for, by URN."""

PROVIDER_ID: Final = "::"


@final
@dataclass(frozen=True)
class Span:
    """When something was done to a resource, and how long it took."""

    began: float
    seconds: float

    @property
    def ended(self) -> float:
        return self.began + self.seconds


def early(spans: Mapping[str, Span], graph: Graph) -> list[tuple[str, str]]:
    """Who began before what it waits for had ended: none, if the graph is the one that the engine followed."""
    return [
        (urn, need)
        for urn, span in spans.items()
        for need in graph.get(urn, ())
        if need in spans and span.began < spans[need].ended
    ]


def longest_chain(spans: Mapping[str, Span], graph: Graph) -> list[str]:
    """Back from the one that ends last, each time to the one it waited for longest; resources left alone take no time.

    Everything begins as soon as it may.
    """
    lengths: dict[str, float] = {}
    last: dict[str, str] = {}
    for urn in _sorted(graph):
        before = [each for each in graph.get(urn, ()) if each in lengths]
        longest = max(before, key=lengths.__getitem__, default="")
        lengths[urn] = lengths.get(longest, 0) + (spans[urn].seconds if urn in spans else 0)
        last[urn] = longest
    chain = [max(lengths, key=lengths.__getitem__, default="")]
    while chain[-1]:
        chain.append(last[chain[-1]])
    return [urn for urn in reversed(chain) if urn in spans]


def total(spans: Mapping[str, Span], path: Iterable[str]) -> float:
    return sum(spans[urn].seconds for urn in path)


def recorded(resources: Iterable[Mapping[str, Any]], *, values_only: bool = False) -> dict[str, set[str]]:
    """The graph of a state: what resources depend on; with `values_only`, only values that go from one to another.

    A value that does not exist yet cannot be passed on in any order; everything else is a wish of the program's.
    """
    graph: dict[str, set[str]] = {}
    for each in resources:
        values: Mapping[str, list[str] | None] = each.get("propertyDependencies") or {}
        needs = {urn for urns in values.values() for urn in urns or ()}
        if not values_only:
            needs |= set(each.get("dependencies") or ())
        if provider := each.get("provider"):
            needs.add(str(provider).rpartition(PROVIDER_ID)[0])
        # A child is registered after its parent, which waits for its own dependencies first.
        if not values_only and (parent := each.get("parent")):
            needs.add(parent)
        graph[each["urn"]] = needs
    return graph


def backwards(graph: Graph) -> dict[str, set[str]]:
    """The order of deletion: what needs a resource goes before it."""
    found: dict[str, set[str]] = {urn: set() for urn in graph}
    for urn, needs in graph.items():
        for need in needs:
            found.setdefault(need, set()).add(urn)
    return found


def _sorted(graph: Graph) -> list[str]:
    """What is needed comes first."""
    done: dict[str, None] = {}

    def visit(urn: str) -> None:
        if urn not in done:
            for need in graph.get(urn, ()):
                visit(need)
            done[urn] = None

    for urn in graph:
        visit(urn)
    return list(done)
