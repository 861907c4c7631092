"""Settings of the user pool of Amazon Cognito that the program makes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from settings.base import Mistake, Settings, matching

RESERVED = re.compile("aws|amazon|cognito")
"""Words that Cognito refuses in a prefix:
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html"""
GROUP = r"\S{1,128}"
"""https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html"""
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html
Prefix = Annotated[
    str,
    matching(
        "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
        "1 to 63 of a-z, 0-9 and hyphen, with a letter or digit at both ends",
    ),
]


class PasswordPolicy(Settings):
    """What a password of the pool must be."""

    minimum_length: Annotated[int, Field(ge=8, le=99)] = 14
    """The fewest characters."""
    require_every_kind: bool = False
    """Demand small and capital letters, digits and signs."""
    history: Annotated[int, Field(ge=0, le=24)] = 5
    """So many passwords of before cannot be taken again."""
    invitation_days: Annotated[int, Field(ge=1, le=365)] = 3
    """How long the password of an invitation is valid."""


class CognitoSettings(Settings):
    """A user pool: people who are invited, with a second factor."""

    domain_prefix: Prefix
    """The sign-in page is `https://<prefix>.auth.<region>.amazoncognito.com`. Nobody else in the region may have it."""
    mfa: Literal["required", "optional", "off"] = "required"
    """A second factor: the six digits of an authenticator app."""
    password: PasswordPolicy = PasswordPolicy()
    """What a password must be."""

    def mistakes(self) -> Iterator[Mistake]:
        if found := RESERVED.search(self.domain_prefix):
            yield Mistake("domainPrefix", f"Cognito refuses the word {found[0]} in it", self.domain_prefix)
