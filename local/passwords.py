"""Generated secrets, in one file that only its owner can read."""

from __future__ import annotations

import base64
import json
import secrets
import string
from dataclasses import asdict, dataclass, fields

from local.state import State, write_private
from refused import Refused

LENGTH = 40
WAY_OUT = "Bring the file back, or forget the data with `make local-reset`: nothing can read it without these keys."


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
            raise Refused(
                f"{state.secrets} is damaged: it must hold the keys {', '.join(sorted(names))}.", WAY_OUT
            ) from None
    if (state.postgres / "data").exists():
        raise Refused(f"{state.secrets} is missing. The password of the database was in it.", WAY_OUT)
    made = Passwords(**{name: _password() for name in names - {"fernet"}}, fernet=_fernet())
    unfinished = state.secrets.with_suffix(".making")
    write_private(unfinished, json.dumps(asdict(made), indent=2))
    unfinished.rename(state.secrets)
    return made


def _password() -> str:
    # Letters and digits, as on AWS: `airflow users create` takes a password that begins with a dash for an option.
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(LENGTH))


def _fernet() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
