"""Time and memory of the plan of prod, against the bare import of the SDK modules that it uses: `make bench`.

The floor is what nobody who writes a Pulumi program in Python can avoid: the same modules, imported and left alone.
Both run as processes of their own, in turn, so that a busy machine slows both.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from dataclasses import dataclass

ROUNDS = 7
GOAL = 1.5
SDK_PACKAGES = ("pulumi", "pulumi_aws", "pulumi_eks", "pulumi_kubernetes", "pulumi_random")
LIST_MODULES = f"""
import sys
from plan import plan_stack
plan_stack("prod")
print(*sorted(name for name in sys.modules if name.partition(".")[0] in {SDK_PACKAGES}))
"""


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    seconds: float
    mib: float


def run(command: list[str]) -> tuple[Cost, str]:
    """Run a process to its end; what it cost, and what it printed. Raises RuntimeError when it fails."""
    read, write = os.pipe()
    start = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, write, 1)])
    os.close(write)
    with os.fdopen(read) as output:
        printed = output.read()
    _, status, usage = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"{' '.join(command)} failed")
    return Cost(seconds=time.perf_counter() - start, mib=usage.ru_maxrss / 1024), printed


def main() -> None:
    """Measure and print."""
    python = sys.executable
    _, listed = run([python, "-c", LIST_MODULES])
    modules = listed.split()
    commands = {
        "import of the SDK modules": [python, "-c", "".join(f"import {module}\n" for module in modules)],
        "plan of prod": [python, "-m", "plan", "prod", "--json"],
    }
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            costs[name].append(run(command)[0])
    floor, plan = (
        Cost(
            seconds=statistics.median(cost.seconds for cost in measured),
            mib=statistics.median(cost.mib for cost in measured),
        )
        for measured in costs.values()
    )
    print(f"{'median of ' + str(ROUNDS):<34}{'seconds':>9}{'MiB':>8}")
    print(f"{f'import of {len(modules)} SDK modules':<34}{floor.seconds:>9.2f}{floor.mib:>8.0f}")
    print(f"{'plan of prod':<34}{plan.seconds:>9.2f}{plan.mib:>8.0f}")
    print(f"{f'ratio (goal: at most {GOAL})':<34}{plan.seconds / floor.seconds:>9.2f}{plan.mib / floor.mib:>8.2f}")


if __name__ == "__main__":
    main()
