"""A platform whose time runs faster, and somebody who looks at its alarms all the time."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from chart import queue_probe
from chart.parts import Part
from health.evaluation import State
from local import stack
from local.alarms import evaluate, local_alarms
from local.install import ROOT
from local.platform import Platform
from local.ports import Ports
from local.services.series import reading
from local.state import State as Directory

FASTER = float(os.environ.get("ALISIO_HEALTH_FASTER", "30"))
"""As fast as two cores allow that have nothing else to do: the canary comes through in the ten seconds that it has."""
COLLECT_SECONDS = 0.5
CAPACITY = 4
"""Triggers that fit into the triggerer."""
SLOTS = 8
"""Tasks that the scheduler lets run at once."""


def hurried(root: Path) -> Platform:
    """The platform of the local stack, with all that its alarms count on as many times faster."""
    settings = stack.load(ROOT / "Pulumi.local.yaml")
    airflow, monitoring = settings.settings.airflow, settings.settings.monitoring
    [probe] = queue_probe.sidecars(airflow, monitoring)
    often = {"name": "ALISIO_QUEUE_PROBE_SECONDS", "value": str(COLLECT_SECONDS)}
    minutes = {"name": "ALISIO_CANARY_MINUTES", "value": str(monitoring.canary_minutes / FASTER)}
    overrides: Mapping[str, Any] = {
        "extraEnv": yaml.safe_dump([minutes]),
        Part.DAG_PROCESSOR.values_key: {"extraContainers": [{**probe, "env": [*probe["env"], often]}]},
        "config": {
            "core": {"parallelism": str(SLOTS), "default_task_retry_delay": _seconds(300)},
            "scheduler": {
                # Every 5 s otherwise. A loop of a busy scheduler takes a second.
                "scheduler_heartbeat_sec": "1",
                "job_heartbeat_sec": "1",
                "task_instance_heartbeat_timeout": _seconds(300),
                "task_instance_heartbeat_timeout_detection_interval": "2",
                "task_queued_timeout": _seconds(600),
                "task_queued_timeout_check_interval": _seconds(120),
                # What a killed scheduler had queued is taken up by the next one.
                "orphaned_tasks_check_interval": _seconds(300),
            },
            "triggerer": {"job_heartbeat_sec": "1", "capacity": str(CAPACITY)},
            "workers": {"min_heartbeat_interval": "1"},
            "dag_processor": {"min_file_process_interval": "3"},
        },
    }
    return Platform(
        state=Directory(root), stack=settings, ports=Ports.free(), overrides=overrides,
        collect_seconds=COLLECT_SECONDS,
    )  # fmt: skip


def _seconds(real: float) -> str:
    return str(round(real / FASTER))


@dataclass
class Row:
    """One alarm, what was done to make it fire, and when that had its effect."""

    alarm: str
    fault: str
    began: float
    fired: float = 0.0
    ended: float = 0.0
    cleared: float = 0.0


@dataclass
class Watcher:
    """Evaluates all alarms twice a second, each by its own rule."""

    platform: Platform
    rows: list[Row] = field(default_factory=list[Row])
    states: Mapping[str, State] = field(default_factory=dict[str, State])
    history: list[str] = field(default_factory=list[str])
    _stop: threading.Event = field(default_factory=threading.Event)
    _began: float = field(default_factory=time.time)

    def __enter__(self) -> Watcher:
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()

    def firing(self, names: Collection[str]) -> set[str]:
        return {name for name in names if self.states.get(name) is State.ALARM}

    def strike(self, fault: str, *alarms: str) -> None:
        """Note that a fault begins, which these alarms are about. None of them fires yet."""
        assert not self.firing(alarms), (fault, self.firing(alarms), self.history)
        self.rows += [Row(alarm=alarm, fault=fault, began=time.time()) for alarm in alarms]

    def heal(self, *alarms: str) -> None:
        """Note that what they are about is over."""
        for row in self._open(alarms):
            row.ended = time.time()

    def fired(self, *alarms: str, seconds: float) -> None:
        """Wait until all fire."""
        self._wait(alarms, State.ALARM, seconds)

    def cleared(self, *alarms: str, seconds: float) -> None:
        """Wait until all are well, each for the first time after its fault."""
        self._wait(alarms, State.OK, seconds)

    def _open(self, alarms: Collection[str]) -> list[Row]:
        return [row for row in self.rows if row.alarm in alarms and not row.cleared]

    def _wait(self, alarms: Collection[str], wanted: State, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while late := {name: self.states.get(name) for name in alarms if self.states.get(name) is not wanted}:
            if time.monotonic() > deadline:
                pytest.fail(f"not {wanted.value} after {seconds:.0f} s: {late}\n" + "\n".join(self.history))
            time.sleep(0.1)

    def _watch(self) -> None:
        alarms = local_alarms(self.platform.stack.settings)
        since = self.platform.state.ports.stat().st_mtime
        with reading(self.platform.state.series) as series:
            assert series
            while not self._stop.wait(0.5):
                now = time.time()
                verdicts = evaluate(alarms, series, at=now, since=since, faster=FASTER)
                self._note(now, {verdict.alarm.name: verdict.state for verdict in verdicts})

    def _note(self, now: float, states: Mapping[str, State]) -> None:
        for name, state in states.items():
            if self.states.get(name) is not state:
                self.history.append(f"{now - self._began:6.1f} s {name} {state.value}")
        for row in self.rows:
            if states[row.alarm] is State.ALARM:
                row.fired = row.fired or now
            elif states[row.alarm] is State.OK and row.ended and row.fired:
                row.cleared = row.cleared or now
        self.states = states
