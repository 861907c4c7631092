"""Everything that a test of the engine needs, together: project, engine, world, and doubles for the providers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, final

from pulumi.runtime.proto import provider_pb2_grpc

from plan.config import load_config
from plan.mocks import EngineMocks
from tests.engine.answers import Answers
from tests.engine.component import ClusterDouble
from tests.engine.double import Double, World
from tests.engine.engine import Engine
from tests.engine.project import Project
from tests.engine.serving import Served

PACKAGES: Final = ("aws", "eks", "random", "kubernetes")


@final
class Stage:
    """A project in a folder, and a world of its own."""

    def __init__(
        self,
        folder: Path,
        *,
        stack: str = "dev",
        kubeconfig: Mapping[str, Any] | None = None,
        double: type[Double] = Double,
        checkpoints: bool = True,
    ) -> None:
        """With the kubeconfig of a real API server, Kubernetes has no double: the provider on PATH is used.

        `double` stands for every provider but that of eks. Without checkpoints an `up` takes half the time: the engine
        writes its state when it ends, which is enough where nobody kills it.
        """
        self.project = Project(folder / "project")
        mocks = EngineMocks.of_config(load_config(self.project.folder, stack).values)
        self.world = World(answers=Answers(mocks=mocks, kubeconfig=kubeconfig))
        add = provider_pb2_grpc.add_ResourceProviderServicer_to_server
        self._servers = {
            package: Served((ClusterDouble if package == "eks" else double)(self.world, package), add)
            for package in PACKAGES
            if not (package == "kubernetes" and kubeconfig)
        }
        ports = {package: server.port for package, server in self._servers.items()}
        plugins = ["pulumi-resource-kubernetes"] if kubeconfig else []
        self.engine = Engine(self.project, folder / "home", providers=ports, plugins=plugins, checkpoints=checkpoints)

    def __enter__(self) -> Stage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.world.faults.lift()
        for server in self._servers.values():
            server.stop()

    @property
    def secrets(self) -> set[str]:
        """Every secret that the doubles have made, also as it looks in base64 or in a URL."""
        return self.world.answers.mocks.sentinels
