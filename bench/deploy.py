"""How long AWS makes people wait: the real engine against doubles that take documented durations, at 1:60.

    python -m bench.deploy [--stacks dev,prod] [--scale 60]

Deploys, upgrades (a newer chart, a larger database) and destroys. Minutes are real ones: what the doubles' journal
measured on the critical path, times the scale. The engine's own seconds are no part of them; they do not scale.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

import versions
from bench.deploy_durations import duration, seconds
from bench.deploy_path import Graph, Span, backwards, early, longest_chain, recorded, total
from plan import plan_stack
from tests.engine.events import Outcome
from tests.engine.journal import Call
from tests.engine.programs import PULUMI_SDK, missing
from tests.engine.stage import Stage

SCALE: Final = 60
# On a machine with more cores it is more; on two the default of Pulumi would be the bottleneck that is measured.
PARALLEL: Final = "64"
NOT_WORTH_A_LINE: Final = 5.0
"""Seconds."""
STEPS: Final = ("up", "upgrade", "destroy")


@final
@dataclass(frozen=True, kw_only=True)
class Measured:
    """One operation."""

    stack: str
    step: str
    spans: Mapping[str, Span]
    path: Sequence[str]
    floor: Sequence[str]
    estimated: float
    """Seconds on the path that are our estimates."""
    engine: float
    """Seconds of the wall clock."""

    def lines(self) -> list[str]:
        whole, least = total(self.spans, self.path), total(self.spans, self.floor)
        ratio = f"{whole / least:.2f}" if least else "-"
        lines = [
            f"{self.stack} {self.step}: {whole / 60:.1f} min, {ratio} of the longest chain of values"
            f" ({least / 60:.1f} min); estimated: {self.estimated / 60:.1f} min; here {self.engine:.0f} s"
        ]
        for urn in self.path:
            took = self.spans[urn].seconds
            if took >= NOT_WORTH_A_LINE:
                lines.append(f"  {took / 60:6.1f}  {urn.rpartition('::')[2]}  ({_kind(urn)})")
        return lines


class Bench:
    """One stack's life."""

    def __init__(self, stage: Stage, stack: str, scale: float) -> None:
        self._stage, self._stack, self._scale = stage, stack, scale
        self._inputs = {urn: each.inputs for urn, each in plan_stack(stack).by_urn.items()}
        stage.engine.init(stack)
        stage.world.faults.durations = self._takes

    def run(self) -> list[Measured]:
        engine, project, stack = self._stage.engine, self._stage.project, self._stack
        found = [self._measured("up", engine.up(stack, "--parallel", PARALLEL))]
        chart = versions.AIRFLOW_CHART
        project.replace("versions.py", f'AIRFLOW_CHART = "{chart}"', f'AIRFLOW_CHART = "{chart}-next"')
        project.configure(stack, {"alisio:dataStore.instanceClass": "db.m8g.4xlarge"})
        self._stage.world.journal.clear()
        found.append(self._measured("upgrade", engine.up(stack, "--parallel", PARALLEL)))
        project.configure(stack, {"alisio:production": False, "alisio:protect": False})
        self._stage.world.faults.durations = None
        _succeeded(engine.up(stack))
        self._stage.world.faults.durations = self._takes
        self._stage.world.journal.clear()
        resources = engine.resources(stack)
        found.append(self._measured("destroy", engine.destroy(stack, "--parallel", PARALLEL), resources))
        return found

    def _takes(self, call: Call) -> float:
        return seconds(call.method, call.type, self._inputs.get(call.urn, {})) / self._scale

    def _measured(self, step: str, outcome: Outcome, resources: list[dict[str, Any]] | None = None) -> Measured:
        _succeeded(outcome)
        calls = self._stage.world.journal.of("Create", "Update", "Delete")
        spans = {each.urn: Span(each.began * self._scale, (each.seconds or 0) * self._scale) for each in calls}
        state = resources if resources is not None else self._stage.engine.resources(self._stack)
        graph: Graph = recorded(state)
        values: Graph = recorded(state, values_only=True)
        if step == "destroy":
            graph, values = backwards(graph), backwards(values)
        if broken := early(spans, graph):
            raise SystemExit(f"{step} of {self._stack}: the engine did not wait: {broken[:3]}")
        path = longest_chain(spans, graph)
        by_urn = {each.urn: each for each in calls}
        estimated = sum(
            spans[urn].seconds
            for urn in path
            if duration(by_urn[urn].type, self._inputs.get(urn, {})).is_estimate(by_urn[urn].method)
        )
        return Measured(
            stack=self._stack, step=step, spans=spans, path=path, floor=longest_chain(spans, values),
            estimated=estimated, engine=outcome.seconds,
        )  # fmt: skip


def _succeeded(outcome: Outcome) -> None:
    if outcome.code:
        raise SystemExit(outcome.output)


def _kind(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2].rpartition(":")[2]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Duration and critical path of up, upgrade and destroy.")
    parser.add_argument("--stacks", default="dev,prod")
    parser.add_argument("--scale", type=float, default=SCALE, help="how many times faster than AWS the doubles are")
    options = parser.parse_args()
    if absent := missing("pulumi", folders=[PULUMI_SDK]):
        sys.exit(f"not built yet: {', '.join(absent)}; run `make engine`")
    print(f"durations at 1:{options.scale:g}; load of the machine: {os.getloadavg()[0]:.1f}")
    for stack in options.stacks.split(","):
        with tempfile.TemporaryDirectory(prefix="alisio-bench-") as scratch, Stage(Path(scratch), stack=stack) as stage:
            for measured in Bench(stage, stack, options.scale).run():
                print("\n".join(measured.lines()), flush=True)


if __name__ == "__main__":
    main()
