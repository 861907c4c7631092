"""The local platform: one data directory with its settings and ports, and all that follows from these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from chart.parts import Part
from chart.pods import Values, worker_groups
from chart.secrets import ADMIN_PASSWORD, ADMIN_USERNAME, FLOWER_LOGIN, Secret
from chart.values import overlaid
from local import single_sign_on, stack
from local.airflow.api import Api
from local.airflow.database import Databases
from local.airflow.environment import AirflowEnvironment
from local.airflow.processes import place_pod_code, processes
from local.differences import AIRFLOW_HOST, airflow_url, differences
from local.passwords import Passwords, passwords
from local.ports import LOOPBACK, Ports
from local.processes.process import Process
from local.services import broker, emulator, load_balancer, node_programs, postgres, provider, statsd
from local.services.certificates import Certificates, certificates
from local.services.postgres import Postgres
from local.state import State
from settings import Stack


@dataclass(frozen=True)
class Platform:
    """Puts the parts together. Nothing runs yet: `startup` does that."""

    state: State
    stack: Stack
    ports: Ports
    single_sign_on: bool = False
    """Whether people come through a load balancer and log in at a provider."""
    overrides: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Chart values for an experiment, merged last. Tests show with it what a setting is good for."""
    collect_seconds: float = statsd.SECONDS
    """How often the collector of metrics sums up. Tests that speed up the alarms need it faster."""

    @cached_property
    def passwords(self) -> Passwords:
        return passwords(self.state)

    @cached_property
    def files(self) -> Certificates:
        return certificates(self.state)

    @cached_property
    def provider_keys(self) -> provider.Keys:
        return provider.keys(self.state)

    @cached_property
    def database(self) -> Postgres:
        return postgres.postgres(self.state)

    @cached_property
    def buckets(self) -> stack.Buckets:
        return stack.buckets(self.stack)

    @cached_property
    def values(self) -> Values:
        """What the Helm chart would be given."""
        door = single_sign_on.door() if self.single_sign_on else None
        return overlaid(dict(stack.chart_values(self.stack, self.ports, door=door)), self.overrides)

    @cached_property
    def secrets(self) -> Mapping[str, Mapping[str, str]]:
        """The Secrets of the cluster, by name."""
        return stack.kubernetes_secrets(self.stack, self.passwords, ports=self.ports, authority=self.files.authority)

    @cached_property
    def environment(self) -> AirflowEnvironment:
        table = differences(self.state, self.files.authority, self.ports, single_sign_on=self.single_sign_on)
        return AirflowEnvironment(values=self.values, secrets=self.secrets, differences=table)

    @cached_property
    def databases(self) -> Databases:
        return Databases(
            connect=self.connect,
            home=self.database.home,
            environment=self.environment.of(Part.MIGRATION),
            directory=self.state.run,
            logs=self.state.logs,
            warehouse_password=self.passwords.warehouse,
            admin=None if self.single_sign_on else self.login,
        )

    @property
    def url(self) -> str:
        """Where people find the UI."""
        return airflow_url(self.ports) if self.single_sign_on else self.ports.api_url

    @property
    def flower(self) -> str:
        """Where Flower serves. With single sign-on people find it below Airflow's own address."""
        return f"{self.ports.flower_url}{'/flower' if self.single_sign_on else ''}"

    @property
    def emulator(self) -> str:
        return self.ports.emulator_url

    @property
    def groups(self) -> list[Values]:
        """The worker groups."""
        return list(worker_groups(self.values))

    @property
    def login(self) -> tuple[str, str]:
        """User and password of the UI and the API."""
        secret = self.secrets[Secret.ADMIN.value]
        return secret[ADMIN_USERNAME], secret[ADMIN_PASSWORD]

    def api(self) -> Api:
        """The API, past the load balancer: as the platform's one user, or with single sign-on as a machine."""
        return Api(self.ports.api_url, login=self._assertion if self.single_sign_on else self._password)

    def connect(self, database: str) -> Any:
        """A connection to a database as the superuser."""
        return postgres.connect(
            database, port=self.ports.postgres, password=self.passwords.database, authority=self.files.authority
        )

    def broker_client(self) -> Any:
        """A client of the broker."""
        return broker.client(port=self.ports.broker, password=self.passwords.broker, authority=self.files.authority)

    def foundations(self) -> list[Process]:
        """What Airflow stands on: managed services on AWS. Writes the files that they read."""
        provided = [self._provider()] if self.single_sign_on else []
        return [
            *provided,
            self.database.process(self.ports.postgres),
            *broker.processes(
                broker.find(),
                state=self.state,
                files=self.files,
                password=self.passwords.broker,
                port=self.ports.broker,
                replicas=self.stack.settings.cache.replicas,
            ),
            emulator.process(self._seeds(), state=self.state, port=self.ports.emulator),
            statsd.process(state=self.state, port=self.ports.statsd, seconds=self.collect_seconds),
        ]

    def components(self) -> list[Process]:
        """Airflow itself. Puts our code into the folder where its processes look for it."""
        place_pod_code(self.state.pod_code)
        airflow = processes(self.environment, directory=self.state.run)
        if not self.single_sign_on:
            return airflow
        single_sign_on.write_trusted(self.state.trusted, self.files.authority)
        single_sign_on.write_files(
            self.state.access,
            self.ports,
            client_secret=self.provider_keys.client,
            flower_login=self.secrets[Secret.FLOWER.value][FLOWER_LOGIN],
        )
        return [*airflow, self.load_balancer([f"{LOOPBACK}:{self.ports.api_server}"])]

    def load_balancer(self, targets: Sequence[str]) -> Process:
        """What people come through, in front of these api-servers."""
        told = load_balancer.Told(
            host=AIRFLOW_HOST, https=self.ports.https, http=self.ports.http, targets=targets,
            certificate=str(self.files.certificate), key=str(self.files.key),
        )  # fmt: skip
        return load_balancer.process(told, state=self.state)

    def _provider(self) -> Process:
        return provider.process(
            node_programs.installed(), state=self.state, files=self.files, ports=self.ports,
            airflow=self.url, audience=self.url,
        )  # fmt: skip

    def _password(self) -> Mapping[str, str]:
        username, password = self.login
        return {"username": username, "password": password}

    def _assertion(self) -> Mapping[str, str]:
        return {"assertion": provider.assertion(self.ports, self.provider_keys, authority=self.files.authority)}

    def _seeds(self) -> emulator.Seeds:
        return emulator.Seeds(
            region=self.stack.site.region,
            buckets=[self.buckets.dags, self.buckets.logs, self.buckets.data],
            versioned=self.buckets.dags,
            secrets=stack.managed_secrets(self.stack, self.passwords, self.ports),
            watched=self.buckets.data,
            watches=stack.watches(self.stack),
        )
