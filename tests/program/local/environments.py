"""What a process of the local platform would be started with, for any stack's settings."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from local import stack
from local.airflow.environment import AirflowEnvironment
from local.differences import differences
from local.passwords import Passwords
from local.ports import Ports
from local.services.certificates import Certificates
from local.state import State
from tests.program.conftest import CHECKOUT

PASSWORDS = Passwords(**{name: f"<{name}>" for name in Passwords.__dataclass_fields__})


@cache
def environment(name: str) -> AirflowEnvironment:
    """The local platform, started with a stack's own settings. Nothing is written to a disk."""
    settings, ports = stack.load(CHECKOUT / f"Pulumi.{name}.yaml"), Ports()
    state = State(Path("/data"))
    files = Certificates(state.certificates)
    return AirflowEnvironment(
        values=stack.chart_values(settings, ports),
        secrets=stack.kubernetes_secrets(settings, PASSWORDS, ports=ports, authority=files.authority),
        differences=differences(state, files, ports),
    )
