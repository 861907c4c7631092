"""Write the ledgers anew: `python -m tests.program.ledger`."""

from __future__ import annotations

from plan import plan_stack
from tests.program.ledger import STACKS, entries, path, recorded


def main() -> None:
    for stack in STACKS:
        before = set(recorded(stack)) if path(stack).exists() else set[str]()
        now = entries(plan_stack(stack))
        path(stack).write_text("".join(f"{urn}\n" for urn in now), encoding="utf-8")
        print(f"{path(stack).name}: {len(now)} resources, {len(set(now) - before)} new, {len(before - set(now))} gone")


if __name__ == "__main__":
    main()
