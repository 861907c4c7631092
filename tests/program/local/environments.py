"""What a process of the local platform would be started with, for any stack's settings."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from local import single_sign_on, stack
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
def environment(name: str, *, signed_on: bool = False) -> AirflowEnvironment:
    """The local platform, started with a stack's own settings, with `--sso` or without. Nothing is written."""
    # Another port than the agent's, as where something has that one.
    settings, ports = stack.load(CHECKOUT / f"Pulumi.{name}.yaml"), Ports(statsd=18125)
    files = Certificates(STATE.certificates)
    return AirflowEnvironment(
        values=stack.chart_values(settings, ports, door=single_sign_on.door() if signed_on else None),
        secrets=stack.kubernetes_secrets(settings, PASSWORDS, ports=ports, authority=files.authority),
        differences=differences(STATE, files.authority, ports, single_sign_on=signed_on),
    )
