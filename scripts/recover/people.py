"""How to look for a user pool of Amazon Cognito, and what belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

POOL: Final = "aws:cognito/userPool:UserPool"
CLIENT: Final = "aws:cognito/userPoolClient:UserPoolClient"
BRANDING: Final = "aws:cognito/managedLoginBranding:ManagedLoginBranding"
TYPES: Final = (POOL, CLIENT, BRANDING)

Ask = Callable[..., Mapping[str, Any]]
"""Asks the AWS CLI, and gives nothing where it says that there is no such thing."""
PAGE: Final = ("--max-results", "60")
"""The CLI goes on to the next page by itself."""


def ids(type_: str, inputs: Mapping[str, Any], ask: Ask) -> Iterator[str]:
    """Ids as the provider takes them for an import. The types are those above."""
    match type_:
        case "aws:cognito/userPool:UserPool":
            answer = ask("cognito-idp", "list-user-pools", *PAGE)
            yield from (each["Id"] for each in answer.get("UserPools") or () if each["Name"] == inputs["name"])
        case "aws:cognito/userPoolClient:UserPoolClient":
            pool = inputs["userPoolId"]
            answer = ask("cognito-idp", "list-user-pool-clients", "--user-pool-id", pool, *PAGE)
            for each in answer.get("UserPoolClients") or ():
                if each["ClientName"] == inputs["name"]:
                    yield f"{pool}/{each['ClientId']}"
        case _:
            pool, client = inputs["userPoolId"], inputs["clientId"]
            command = "describe-managed-login-branding-by-client"
            answer = ask("cognito-idp", command, "--user-pool-id", pool, "--client-id", client)
            if found := answer.get("ManagedLoginBranding"):
                yield f"{pool},{found['ManagedLoginBrandingId']}"
