"""The parts of the local platform, put together: what runs, with which command and environment."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from chart.pod_code import MODULES, path_of
from chart.values import overlaid
from local import stack
from local.airflow.environment import AirflowEnvironment
from local.differences import differences, runtime_path
from local.passwords import Passwords, passwords
from local.ports import Ports
from local.processes.manager import Process, write_private
from local.services import broker
from local.services.certificates import Certificates, certificates
from local.services.emulator import Seeds
from local.services.postgres import Postgres, postgres
from local.state import State
from settings import Stack

GROUP = "airflow"
WORKERS = "workers"
"""Stopped before the others: a task in hand needs the API server to end well."""
ROOT = Path(__file__).resolve().parent.parent
WORKER_GRACE_SECONDS = 30
"""On AWS the group's `graceMinutes`. Nobody waits for an hour after Ctrl-C; what is cut off is retried."""


@dataclass(frozen=True)
class Platform:
    """One data directory with its settings and ports."""

    state: State
    stack: Stack
    ports: Ports
    overrides: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Chart values for an experiment, merged last; tests show with it what a setting is good for."""

    @cached_property
    def passwords(self) -> Passwords:
        return passwords(self.state)

    @cached_property
    def files(self) -> Certificates:
        return certificates(self.state)

    @cached_property
    def database(self) -> Postgres:
        return postgres(self.state)

    @cached_property
    def buckets(self) -> stack.Buckets:
        return stack.buckets(self.stack)

    @cached_property
    def values(self) -> stack.Values:
        return overlaid(dict(stack.chart_values(self.stack, self.ports)), self.overrides)

    @cached_property
    def secrets(self) -> Mapping[str, Mapping[str, str]]:
        return stack.kubernetes_secrets(self.stack, self.passwords, ports=self.ports, authority=self.files.authority)

    @cached_property
    def environment(self) -> AirflowEnvironment:
        table = differences(self.state, self.files, self.ports)
        return AirflowEnvironment(values=self.values, secrets=self.secrets, differences=table)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports.api_server}"

    @property
    def emulator(self) -> str:
        return f"http://127.0.0.1:{self.ports.emulator}"

    @property
    def groups(self) -> list[Mapping[str, Any]]:
        return self.values["workers"]["celery"]["sets"]

    def foundations(self) -> list[Process]:
        """What Airflow stands on: in AWS, managed services."""
        server = broker.find()
        commands = broker.commands(
            server,
            state=self.state,
            files=self.files,
            password=self.passwords.broker,
            port=self.ports.broker,
            durable=self.stack.settings.cache.replicas > 0,
        )
        self._make_runtime()
        seeds = self.state.run / "seeds.json"
        write_private(seeds, json.dumps(asdict(self._seeds())))
        emulator = [
            sys.executable,
            "-m",
            "local.services.emulator",
            str(self.ports.emulator),
            str(self.state.buckets),
            str(seeds),
        ]
        return [
            Process(
                name="postgres",
                command=self.database.command(self.ports.postgres),
                directory=self.database.data,
                user=self.database.owner,
                # Fast shutdown: TERM would wait for every client.
                stop_signal="INT",
                stop_seconds=20,
            ),
            *(Process(name=name, command=command, directory=self.state.broker) for name, command in commands.items()),
            Process(name="emulator", command=emulator, directory=self.state.run, stop_seconds=20),
        ]

    def _make_runtime(self) -> None:
        """Our code inside Airflow, and none of our other folders beside it: as a ConfigMap brings it into the pods."""
        place = runtime_path(self.state)
        place.mkdir(exist_ok=True)
        for module in MODULES:
            file = place / path_of(module)
            file.parent.mkdir(exist_ok=True)
            file.unlink(missing_ok=True)
            file.symlink_to(ROOT / path_of(module))

    def _seeds(self) -> Seeds:
        return Seeds(
            region=self.stack.site.region,
            buckets=[self.buckets.dags, self.buckets.logs, self.buckets.data],
            versioned=self.buckets.dags,
            secrets=stack.managed_secrets(self.stack, self.passwords, self.ports),
            watched=self.buckets.data,
            watches={
                watch.prefix: stack.queue_name(self.stack, watch.asset) for watch in self.stack.settings.buckets.watches
            },
        )

    def components(self) -> list[Process]:
        """Airflow, one process for each component and worker group."""
        flower = self.values["flower"]["enabled"]
        return [
            self._component("api-server", key="apiServer", command=["api-server"]),
            self._component("scheduler", key="scheduler", command=["scheduler"]),
            self._component("dag-processor", key="dagProcessor", command=["dag-processor"]),
            # The log servers of triggerer and workers listen on every interface, with no setting to change it.
            self._component("triggerer", key="triggerer", command=["triggerer", "--skip-serve-logs"]),
            *(self._worker(group) for group in self.groups),
            *([self._component("flower", key="flower", command=["celery", "flower"])] if flower else []),
        ]

    def _component(self, name: str, *, key: str, command: list[str]) -> Process:
        environment = self.environment.of(key, own=self._own(name))
        command = airflow(*command)
        return Process(name=name, command=command, environment=environment, directory=self.state.run, group=GROUP)

    def _worker(self, group: Mapping[str, Any]) -> Process:
        name = f"worker-{group['name']}"
        options = ["--skip-serve-logs", "--celery-hostname", f"{group['name']}@local", "--queues", group["queue"]]
        return Process(
            name=name,
            command=airflow("celery", "worker", *options),
            environment=self.environment.of_worker(group, own=self._own(name)),
            directory=self.state.run,
            stop_seconds=WORKER_GRACE_SECONDS,
            group=WORKERS,
        )

    def _own(self, name: str) -> dict[str, str]:
        # A pod has a disk of its own: what another component shows of a task's log can come from the bucket only.
        return {"AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(self.state.run / "task-logs" / name)}


def airflow(*command: str) -> list[str]:
    """The Airflow of this very interpreter's environment."""
    return [sys.executable, "-m", "airflow", *command]
