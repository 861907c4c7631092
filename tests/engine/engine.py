"""Pulumi's CLI against a folder for its state: up, preview, refresh, destroy, and what a person needs after a crash."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

from pulumi.runtime.proto import language_pb2_grpc

from tests.engine.events import Outcome, read_events
from tests.engine.language_host import LanguageHost
from tests.engine.leash import leashed
from tests.engine.programs import program
from tests.engine.project import Project
from tests.engine.serving import Served

PATIENCE_SECONDS = 600
QUIET = ("--non-interactive", "--color=never")
RUN = ("--yes", "--skip-preview", "--suppress-progress")


class EngineError(Exception):
    """A command that should have succeeded did not; the text is what Pulumi said."""


@final
@dataclass(kw_only=True)
class Running:
    """A command of Pulumi under way."""

    process: subprocess.Popen[str]
    log: Path
    host: Served
    began: float = field(default_factory=time.monotonic)

    def kill(self) -> Outcome:
        """Kill -9, as the kernel does when memory is short: nothing is written any more."""
        self.process.send_signal(signal.SIGKILL)
        return self.wait()

    def wait(self, seconds: float = PATIENCE_SECONDS) -> Outcome:
        try:
            output, _ = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            output, _ = self.process.communicate()
            output += f"\nkilled after {seconds:g} s"
        finally:
            self.host.stop()
        took = time.monotonic() - self.began
        return Outcome(code=self.process.returncode, output=output, seconds=took, events=read_events(self.log))


@final
class Engine:
    """Commands for one project. State, plugins and caches are in `home`, nothing is anybody else's."""

    def __init__(
        self,
        project: Project,
        home: Path,
        *,
        providers: Mapping[str, int],
        plugins: Sequence[str] = (),
        checkpoints: bool = True,
    ) -> None:
        self.project = project
        self.home = home
        self.backend = home / "state"
        self.backend.mkdir(parents=True)
        self._providers = dict(providers)
        self._checkpoints = checkpoints
        self._programs = [str(program(name).parent) for name in ("pulumi", *plugins)]

    @property
    def environment(self) -> dict[str, str]:
        """What every command runs with, also one of the Automation API."""
        attached = ",".join(f"{name}:{port}" for name, port in sorted(self._providers.items()))
        return {
            # A plugin that is found here is used, whatever its version.
            "PATH": os.pathsep.join([*self._programs, os.environ.get("PATH", os.defpath)]),
            # Helm and others keep their caches below.
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "TMPDIR": tempfile.gettempdir(),
            "PULUMI_HOME": str(self.home / "pulumi"),
            "PULUMI_BACKEND_URL": f"file://{self.backend}",
            "PULUMI_CONFIG_PASSPHRASE": "of the tests",
            "PULUMI_DEBUG_PROVIDERS": attached,
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            # The provider that is built here is older than the option `enable_patch_force`, which means the same.
            "PULUMI_K8S_ENABLE_PATCH_FORCE": "true",
            # Shows the flag --event-log, by which the Automation API gets its events.
            "PULUMI_DEBUG_COMMANDS": "true",
            "PULUMI_SKIP_CHECKPOINTS": str(not self._checkpoints).lower(),
        }

    def start(self, *words: str, events: bool = False) -> Running:
        """Begin a command, with a language host of its own."""
        host = Served(LanguageHost(), language_pb2_grpc.add_LanguageRuntimeServicer_to_server)
        handle, name = tempfile.mkstemp(prefix="events-", suffix=".json", dir=self.home)
        os.close(handle)
        flags = [*QUIET, *(("--event-log", name) if events else ())]
        process = subprocess.Popen(
            leashed([str(program("pulumi")), *words, *flags]),
            cwd=self.project.folder,
            env={**self.environment, "PULUMI_DEBUG_LANGUAGES": f"python:{host.port}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return Running(process=process, log=Path(name), host=host)

    def run(self, *words: str) -> str:
        """A command that must succeed; its output."""
        outcome = self.start(*words).wait()
        if outcome.code:
            raise EngineError(f"pulumi {' '.join(words)}: exit {outcome.code}\n{outcome.output}")
        return outcome.output

    def init(self, stack: str) -> None:
        self.run("stack", "init", stack)

    def preview(self, stack: str, *flags: str) -> Outcome:
        return self.start("preview", "--stack", stack, *flags, events=True).wait()

    def up(self, stack: str, *flags: str) -> Outcome:
        return self.start_up(stack, *flags).wait()

    def start_up(self, stack: str, *flags: str) -> Running:
        return self.start("up", "--stack", stack, *RUN, *flags, events=True)

    def refresh(self, stack: str, *flags: str) -> Outcome:
        return self.start("refresh", "--stack", stack, *RUN, *flags, events=True).wait()

    def destroy(self, stack: str, *flags: str) -> Outcome:
        return self.start_destroy(stack, *flags).wait()

    def start_destroy(self, stack: str, *flags: str) -> Running:
        return self.start("destroy", "--stack", stack, *RUN, *flags, events=True)

    def cancel(self, stack: str) -> str:
        """Give up the lock of an update that died."""
        return self.run("cancel", "--stack", stack, "--yes")

    def export(self, stack: str, *, show_secrets: bool = False) -> dict[str, Any]:
        """The state as it would be imported again."""
        flags = ["--show-secrets"] if show_secrets else []
        return json.loads(self.run("stack", "export", "--stack", stack, *flags))

    def import_(self, stack: str, state: Mapping[str, Any]) -> None:
        file = self.home / f"import-{stack}.json"
        file.write_text(json.dumps(state), encoding="utf-8")
        self.run("stack", "import", "--stack", stack, "--file", str(file))
        file.unlink()

    def resources(self, stack: str, *, show_secrets: bool = False) -> list[dict[str, Any]]:
        deployment = self.export(stack, show_secrets=show_secrets)["deployment"]
        return deployment.get("resources") or []
