"""The differences between two releases."""

from __future__ import annotations

from dataclasses import dataclass

from releases.format import Hashes


@dataclass(frozen=True)
class Changes:
    """The paths that are different. Each list is sorted."""

    added: list[str]
    changed: list[str]
    removed: list[str]

    def __str__(self) -> str:
        return f"{len(self.added)} added, {len(self.changed)} changed, {len(self.removed)} removed"

    def lines(self) -> list[str]:
        """One line for each path, sorted by path, as in `git diff --name-status`."""
        marked = {path: mark for mark, paths in zip("AMD", self._lists(), strict=True) for path in paths}
        return [f"{marked[path]}  {path}" for path in sorted(marked)]

    def _lists(self) -> tuple[list[str], list[str], list[str]]:
        return self.added, self.changed, self.removed


def changes(before: Hashes, after: Hashes) -> Changes:
    """The changes from one release to another."""
    return Changes(
        added=sorted(after.keys() - before.keys()),
        changed=sorted(path for path in before.keys() & after.keys() if before[path] != after[path]),
        removed=sorted(before.keys() - after.keys()),
    )
