"""The command that makes the admin user, for the chart's job and for the local platform."""

from __future__ import annotations

from collections.abc import Sequence

from chart.parts import Part
from chart.pieces import Values, job, resources
from chart.secrets import ADMIN_PASSWORD, ADMIN_USERNAME, Secret

VARIABLES = {"ADMIN_USERNAME": ADMIN_USERNAME, "ADMIN_PASSWORD": ADMIN_PASSWORD}
"""Variables of the chart's job, and the keys of the Secret that they come from."""


def create_admin(*, username: str, password: str) -> list[str]:
    """Arguments of `airflow` that make the user. A user that exists stays as it is."""
    who = ["-u", username, "-e", f"{username}@localhost", "-f", "Platform", "-l", "Admin"]
    return ["users", "create", "-r", "Admin", *who, "-p", password]


def admin_job() -> Values:
    """The chart's job that makes the user when the database has its schema."""
    # A command line is not private, so the shell fills in what the Secret says.
    username, password = (f"${variable}" for variable in VARIABLES)
    commands = [
        "airflow db check-migrations --migration-wait-timeout 600",
        _command(create_admin(username=username, password=password)),
        # Without this, a user that exists would keep the old password after a rotation.
        f"exec {_command(['users', 'reset-password', '-u', username, '-p', password])}",
    ]
    return {
        **job(Part.CREATE_USER),
        "resources": resources("500m", "1Gi"),
        "args": ["bash", "-c", " && ".join(commands)],
        "env": [
            {"name": name, "valueFrom": {"secretKeyRef": {"name": Secret.ADMIN.value, "key": key}}}
            for name, key in VARIABLES.items()
        ],
    }


def _command(arguments: Sequence[str]) -> str:
    return " ".join(["airflow", *(f'"{each}"' if each.startswith("$") else each for each in arguments)])
