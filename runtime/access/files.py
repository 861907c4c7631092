"""What the api-server is told about access: files that are mounted, and named in its environment."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from refused import Refused

ACCESS_FILE = "ALISIO_ACCESS"
MACHINES_FILE = "ALISIO_ACCESS_MACHINES"
SECRET_FILE = "ALISIO_ACCESS_SECRET"
"""Variables with the path of each file. The first two come from a ConfigMap, the third from a Secret."""
SECRET_NAME = "ALISIO_ACCESS_SECRET_NAME"
"""In place of the third: the secret's name in AWS Secrets Manager."""
SERVICE = "service:"
"""How the user name of a machine begins. No person's may."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class AccessError(Refused):
    """Access cannot be set up as configured. The text says all of what is wrong, without any secret.

    Never an OSError: Flask ignores those of a configuration file as if the file were missing, and Airflow would fall
    back to logins with passwords.
    """


def _issuer(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError("must be a URL that begins with https://")
    if not parts.hostname or parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("must be a URL with a host, and without user, query and fragment")
    return text


def _scopes(names: list[str]) -> list[str]:
    if "openid" not in names:
        raise ValueError("must contain openid, or the provider sends no ID token")
    return names


Text = Annotated[str, Field(min_length=1, max_length=512)]
Issuer = Annotated[Text, AfterValidator(_issuer)]
Scopes = Annotated[list[Text], AfterValidator(_scopes)]
Role = Literal["Admin", "Op", "User", "Viewer"]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Access(_File):
    """How people sign in. Read when the api-server starts."""

    issuer: Issuer
    client_id: Text
    scopes: Scopes
    groups_claim: Text
    roles: dict[Text, Role] = Field(min_length=1)
    """The role of each group."""
    session_hours: float = Field(gt=0, le=24)
    """After so long the provider is asked again, whatever a browser does."""
    logout: Literal["standard", "cognito", "none"] = "standard"
    """How the provider's own session is ended."""
    contact: Text
    """Whom people ask for access. They see it."""
    break_glass: Text | None = None
    """The one local user who may sign in with a password; nobody if it is missing."""


class Machine(_File):
    """A job that may have a token, known by what its own issuer says of it."""

    issuer: Issuer
    subject: Text
    role: Role
    audience: Text | None = None
    """Where the issuer cannot be told what to put there."""


class Machines(_File):
    """All jobs by name. Read again whenever the file changes."""

    audience: Text
    """What an assertion must be made for."""
    machines: dict[Name, Machine]


File = TypeVar("File", bound=_File)


def read(model: type[File], variable: str) -> File:
    """What the file holds that a variable names. Every mistake in it is in the error."""
    path, content = _content(variable)
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, each['loc'])) or 'the file'}: {each['msg']}" for each in error.errors()]
        raise AccessError(f"{path}: {'; '.join(lines)}") from None


def client_secret() -> str:
    """The secret that the provider knows us by."""
    if name := os.environ.get(SECRET_NAME):
        from runtime.access.managed_secret import managed_secret

        place, content = f"the secret {name} in AWS Secrets Manager", managed_secret(name)
    else:
        place, content = _content(SECRET_FILE)
    if not (secret := content.strip()):
        raise AccessError(f"{place}: the client secret is empty")
    return secret


def together(*steps: Callable[[], object]) -> None:
    """Take every step, and refuse for all that fail at once."""
    mistakes: list[str] = []
    for step in steps:
        try:
            step()
        except AccessError as error:
            mistakes.append(str(error))
    if mistakes:
        raise AccessError("; ".join(mistakes))


def path_of(variable: str) -> Path:
    """The path that a variable names."""
    if not (path := os.environ.get(variable)):
        raise AccessError(f"{variable} is not set: it must name a file")
    return Path(path)


def _content(variable: str) -> tuple[Path, str]:
    path = path_of(variable)
    try:
        return path, path.read_text()
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise AccessError(f"{variable} names {path}, which cannot be read: {reason}") from None
