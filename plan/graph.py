"""The little graph theory that a readable picture needs."""

from __future__ import annotations

from collections.abc import Iterable


def reduce(edges: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Leave out each edge that a longer way says already; within a cycle, all edges stay."""
    edges = set(edges)
    reach = _reach(edges)

    def is_told(start: str, end: str) -> bool:
        between = reach[start] - {start, end}
        return any(
            end in reach.get(node, ()) and start not in reach.get(node, ()) and node not in reach.get(end, ())
            for node in between
        )

    return {edge for edge in edges if not is_told(*edge)}


def _reach(edges: set[tuple[str, str]]) -> dict[str, set[str]]:
    """Of each node, every node that some way leads to."""
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
