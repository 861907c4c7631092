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

STATE = State(Path("/data"))
PASSWORDS = Passwords(**{name: f"<{name}>" for name in Passwords.__dataclass_fields__})


@cache
def environment(name: str) -> AirflowEnvironment:
    """The local platform, started with a stack's own settings. Nothing is written to a disk."""
    settings, ports = stack.load(CHECKOUT / f"Pulumi.{name}.yaml"), Ports()
    files = Certificates(STATE.certificates)
    return AirflowEnvironment(
        values=stack.chart_values(settings, ports),
        secrets=stack.kubernetes_secrets(settings, PASSWORDS, ports=ports, authority=files.authority),
        differences=differences(STATE, files.authority, ports),
    )
