"""Which machine an assertion speaks for: a JWT that its own issuer made for us."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError

from runtime.access.files import Machines
from runtime.access.issuers import Issuers
from runtime.access.provider import ALGORITHMS

LEEWAY_SECONDS = 60
MAX_CHARACTERS = 16_000


class InvalidAssertionError(ValueError):
    """The assertion is not valid. Whoever sent it sees the text."""


class UnknownMachineError(Exception):
    """The assertion is valid, or may be, and nobody of the settings. Only the log has the text."""


def machine(assertion: object, machines: Machines, issuers: Issuers) -> str:
    """The name of the machine that a valid assertion speaks for. Keys are those that its issuer publishes."""
    if not isinstance(assertion, str) or len(assertion) > MAX_CHARACTERS:
        raise InvalidAssertionError("assertion must be a JWT")
    header, said = _part(assertion, 0), _part(assertion, 1)
    issuer, subject = said.get("iss"), said.get("sub")
    trusted = {name: each for name, each in machines.machines.items() if each.issuer == issuer}
    if not trusted:
        raise InvalidAssertionError("assertion: nobody of this issuer is known here")
    claims = _verified(assertion, issuers, str(issuer), header.get("kid"))
    for name, each in trusted.items():
        if each.subject != subject:
            continue
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        wanted = each.audience or machines.audience
        if wanted not in audience:
            raise InvalidAssertionError(f"assertion: aud must be {wanted}")
        return name
    raise UnknownMachineError(f"{issuer} says {subject!r}, which is no machine of the settings")


def _verified(assertion: str, issuers: Issuers, issuer: str, key_id: Any) -> Mapping[str, Any]:
    keys = issuers.keys(issuer, key_id if isinstance(key_id, str) else None)
    required: Any = {name: {"essential": True} for name in ("aud", "exp", "sub")}
    registry = jwt.JWTClaimsRegistry(leeway=LEEWAY_SECONDS, iss={"essential": True, "value": issuer}, **required)
    try:
        claims = jwt.decode(assertion, keys, algorithms=ALGORITHMS).claims
        registry.validate(claims)
    except ExpiredTokenError:
        raise InvalidAssertionError("assertion: it has expired") from None
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise InvalidAssertionError(f"assertion: refused ({type(error).__name__})") from None
    return claims


def _part(assertion: str, index: int) -> dict[str, Any]:
    """A part of the JWT, which nobody has verified yet."""
    try:
        text = assertion.split(".")[index]
        part = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, IndexError, RecursionError):
        raise InvalidAssertionError("assertion must be a JWT") from None
    if assertion.count(".") != 2 or not isinstance(part, dict):
        raise InvalidAssertionError("assertion must be a JWT")
    return part
