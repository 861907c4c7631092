"""Who somebody is, by the claims of an ID token whose signature and time have been checked already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtime.access.files import SERVICE, Access

MAX_NAME = 256
MAX_USERNAME = 512
"""Lengths of Airflow's columns."""


class ClaimsError(Exception):
    """Nobody can be signed in by these claims. People see the text."""


@dataclass(frozen=True)
class Person:
    """Somebody whom the provider vouches for."""

    username: str
    email: str
    first_name: str
    last_name: str
    roles: frozenset[str]
    """Of Airflow. Empty if no group of the person is mapped."""


def verify(claims: Mapping[str, Any], access: Access, *, nonce: str) -> None:
    """Refuse claims that were not made by our provider for us.

    The library checks `aud` only if there is no `azp`, and `iss` against what the provider says of itself.
    """
    if claims.get("iss") != access.issuer:
        raise ClaimsError("the ID token was made by another issuer")
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or access.client_id not in audiences:
        raise ClaimsError("the ID token was made for another application")
    party = claims.get("azp")
    if party != access.client_id and (party is not None or len(audiences) > 1):
        raise ClaimsError("the ID token was given to another application")
    # Cognito signs access tokens with the same keys.
    if claims.get("token_use", "id") != "id":
        raise ClaimsError("this is no ID token")
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise ClaimsError("the ID token names nobody")
    # A claim of the token can turn the library's own check off (`nonce_supported`).
    if not nonce or claims.get("nonce") != nonce:
        raise ClaimsError("the ID token answers another sign-in")


def person(claims: Mapping[str, Any], access: Access) -> Person:
    """The person whom verified claims describe."""
    username, email = _username(claims)
    if username.lower().startswith(SERVICE):
        raise ClaimsError(f"names that begin with {SERVICE} are those of machines")
    if access.break_glass and username.lower() == access.break_glass.lower():
        raise ClaimsError("this name is the local administrator's")
    if len(username) > MAX_USERNAME:
        raise ClaimsError(f"the name has more than {MAX_USERNAME} characters")
    return Person(
        username=username,
        email=email,
        first_name=_text(claims, "given_name") or _text(claims, "name") or username[:MAX_NAME],
        last_name=_text(claims, "family_name"),
        roles=frozenset(access.roles[group] for group in groups(claims, access) if group in access.roles),
    )


def is_complete(claims: Mapping[str, Any], access: Access) -> bool:
    """Whether the ID token says all that we ask for. Some providers put groups or the e-mail into userinfo only."""
    return access.groups_claim in claims and "email" in claims


def groups(claims: Mapping[str, Any], access: Access) -> list[str]:
    """The person's groups; none if the claim is missing."""
    value = claims.get(access.groups_claim)
    if value is None:
        elsewhere = claims.get("_claim_names")
        # https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
        if claims.get("hasgroups") or (isinstance(elsewhere, Mapping) and access.groups_claim in elsewhere):
            raise ClaimsError(
                "you are in more groups than Microsoft Entra ID puts into a token; the administrator must use app "
                "roles, or the groups assigned to the application"
            )
        return []
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise ClaimsError(f"the claim {access.groups_claim} is no list of names")
    return values


def _username(claims: Mapping[str, Any]) -> tuple[str, str]:
    """The name of the row, and an e-mail that is unique as the name is.

    Only of claims that people cannot edit. With `preferred_username` or an unverified e-mail they would become others.
    """
    email = claims.get("email")
    if isinstance(email, str) and "@" in email and claims.get("email_verified") in (True, "true"):
        return email.lower(), email.lower()
    return claims["sub"], f"{claims['sub']}@sso.invalid"


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value[:MAX_NAME] if isinstance(value, str) else ""
