"""Generated secrets: one file that only its owner reads."""

from __future__ import annotations

import base64
import json
import os
import secrets
import string
from dataclasses import asdict, dataclass, fields

from local.problem import Problem
from local.state import State

LENGTH = 40
WAY_OUT = "Bring the file back, or forget the data with `make local-reset`: without its keys it cannot be read."


@dataclass(frozen=True)
class Passwords:
    """What `pulumi_random` generates on AWS."""

    database: str
    warehouse: str
    broker: str
    fernet: str
    api_secret: str
    jwt: str
    admin: str
    flower: str
    processes: str


def passwords(state: State) -> Passwords:
    """The secrets of this data directory, generated at the first start."""
    names = {field.name for field in fields(Passwords)}
    if state.secrets.exists():
        try:
            return Passwords(**json.loads(state.secrets.read_text()))
        except (ValueError, TypeError):
            raise Problem(
                f"{state.secrets} is damaged: it must hold the keys {', '.join(sorted(names))}.",
                WAY_OUT,
            ) from None
    if (state.postgres / "data").exists():
        raise Problem(f"{state.secrets} is missing; the database's password was in it.", WAY_OUT)
    made = Passwords(**{name: _password() for name in names - {"fernet"}}, fernet=_fernet())
    unfinished = state.secrets.with_suffix(".making")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(made), file, indent=2)
    unfinished.rename(state.secrets)
    return made


def _password() -> str:
    # Letters and digits, as on AWS: what begins with a dash is an option to `airflow users create`.
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(LENGTH))


def _fernet() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
