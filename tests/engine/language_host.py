# ruff: noqa: N802  the methods are named as in the protocol
"""Runs programs in Python for the engine, in place of `pulumi-language-python`, which no Go module holds.

It says what the real one says, no more and no less:
https://github.com/pulumi/pulumi-python/blob/main/cmd/pulumi-language-python/main.go (Run). It installs nothing and runs
no type checker.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import IO, Any, Final, final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, language_pb2, language_pb2_grpc, plugin_pb2

from tests.engine.forks import Fork
from tests.engine.programs import PULUMI_SDK
from tests.engine.serving import OPTIONS

EXECUTOR: Final = PULUMI_SDK.folder / "python" / "cmd" / "pulumi-language-python-exec"
# "An error message was displayed to the user": the program has said what is wrong, so the host adds nothing.
SAID_ALREADY: Final = 32


@final
class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """For one engine at a time: the address of the engine comes with the handshake only."""

    def __init__(self) -> None:
        self._engine = ""
        self._root = ""

    def Handshake(self, request: language_pb2.LanguageHandshakeRequest, context: Any) -> Any:  # noqa: ARG002
        self._engine, self._root = request.engine_address, request.root_directory
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:  # noqa: ARG002
        return plugin_pb2.PluginInfo(version="0.0.0")

    def GetRequiredPackages(self, request: Any, context: Any) -> language_pb2.GetRequiredPackagesResponse:  # noqa: ARG002
        return language_pb2.GetRequiredPackagesResponse()

    def GetRequiredPlugins(self, request: Any, context: Any) -> language_pb2.GetRequiredPluginsResponse:  # noqa: ARG002
        return language_pb2.GetRequiredPluginsResponse()

    def About(self, request: Any, context: Any) -> language_pb2.AboutResponse:  # noqa: ARG002
        return language_pb2.AboutResponse(executable=sys.executable, version=sys.version.partition(" ")[0])

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        return language_pb2.GetProgramDependenciesResponse()

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[language_pb2.InstallDependenciesResponse]:  # noqa: ARG002
        yield from ()

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: ARG002
        return empty_pb2.Empty()

    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:
        arguments = [str(EXECUTOR), *self._arguments(request)]
        program = Fork(arguments, cwd=request.pwd, environment=_environment(request))
        # An engine that dies drops the call; its program must not live on.
        context.add_callback(program.kill)
        with grpc.insecure_channel(self._engine, options=OPTIONS) as channel:
            engine: Any = engine_pb2_grpc.EngineStub(channel)
            readers = [
                threading.Thread(target=_forward, args=(stream, engine.Log), daemon=True)
                for stream in (program.stdout, program.stderr)
            ]
            for reader in readers:
                reader.start()
            status = program.wait()
            for reader in readers:
                reader.join()
        match status:
            case 0:
                return language_pb2.RunResponse()
            case code if code == SAID_ALREADY:
                return language_pb2.RunResponse(bail=True)
            case code:
                return language_pb2.RunResponse(error=f"program exited with non-zero exit code: {code}")

    def _arguments(self, request: language_pb2.RunRequest) -> list[str]:
        named = {
            "monitor": request.monitor_address,
            "engine": self._engine,
            "project": request.project,
            "root_directory": request.info.root_directory,
            "stack": request.stack,
            "pwd": request.pwd,
            "dry_run": str(request.dryRun).lower(),
            "parallel": str(request.parallel),
            "organization": request.organization,
        }
        given = [word for name, value in named.items() if value for word in (f"--{name}", value)]
        return [*given, request.info.entry_point, *request.args]


def _environment(request: language_pb2.RunRequest) -> dict[str, str]:
    return {
        **os.environ,
        "PULUMI_CONFIG": json.dumps(dict(request.config)),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _forward(stream: IO[str], log: Callable[[engine_pb2.LogRequest], object]) -> None:
    """The program's own lines, which the real host leaves to the engine that started it."""
    with stream:
        for line in stream:
            # The engine may be gone.
            with contextlib.suppress(grpc.RpcError):
                log(engine_pb2.LogRequest(severity=engine_pb2.INFO, message=line.rstrip("\n")))
