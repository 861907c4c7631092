"""Reduces a graph to the edges that a reader needs."""

from __future__ import annotations

from collections.abc import Iterable


def reduce(edges: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Leave out each edge that a longer path already implies. Within a cycle, all edges stay."""
    edges = set(edges)
    reach = _reach(edges)

    def is_implied(start: str, end: str) -> bool:
        between = reach[start] - {start, end}
        return any(
            end in reach.get(node, ()) and start not in reach.get(node, ()) and node not in reach.get(end, ())
            for node in between
        )

    return {edge for edge in edges if not is_implied(*edge)}


def _reach(edges: set[tuple[str, str]]) -> dict[str, set[str]]:
    """The nodes that can be reached from each node."""
    following: dict[str, set[str]] = {}
    for start, end in edges:
        following.setdefault(start, set()).add(end)
    reach: dict[str, set[str]] = {}
    for start in following:
        todo, seen = [start], set[str]()
        while todo:
            fresh = following.get(todo.pop(), set()) - seen
            seen |= fresh
            todo.extend(fresh)
        reach[start] = seen
    return reach
