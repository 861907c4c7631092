"""Settings of who gets into Airflow: the sign-in service, roles, machines, and the way in when all of that is down."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

from settings.base import Mistake, Name, Settings, matching, unique
from settings.cognito import GROUP, CognitoSettings
from settings.issuer import IssuerUrl, is_cognito

Role = Literal["Admin", "Op", "User", "Viewer"]
ROLES: tuple[str, ...] = get_args(Role)
SECRET_KEY = "accessSecret"
"""The key of a stack file that holds the client's secret, encrypted."""
COGNITO_CLAIM = "cognito:groups"
EDITABLE = ("email", "family_name", "given_name", "name", "nickname", "preferred_username", "profile", "upn")
"""Claims that people may change themselves at some provider. A role must not follow from one."""
Text = Annotated[str, matching(r"\S(.{0,254}\S)?", "1 to 256 characters, without blanks at its ends")]
Scope = Annotated[str, matching(r"[!#-\[\]-~]{1,128}", "a scope: a word without blanks")]
SecretName = Annotated[
    str,
    matching(
        r"[A-Za-z0-9/_+=.@-]{1,512}",
        "the name of a secret in AWS Secrets Manager, such as alisio/sso: letters, digits and / _ + = . @ -",
    ),
]
OF_PROVIDER = ("client_id", "secret_name", "groups_claim", "scopes")
"""What belongs to a provider that the program does not make."""


class Machine(Settings):
    """A job that may call Airflow's API, known by what its own issuer says of it."""

    name: Name
    """Its name in Airflow: the user `service:<name>`."""
    issuer: IssuerUrl
    """Who vouches for it, such as https://token.actions.githubusercontent.com."""
    subject: Text
    """What its issuer calls it, the claim `sub`, letter by letter."""
    role: Role
    """What it may do."""
    audience: Text | None = None
    """What its tokens are made for, where the issuer cannot be told; otherwise they are made for Airflow's address."""

    def mistakes(self) -> Iterator[Mistake]:
        if "*" in self.subject:
            yield Mistake("subject", "is compared letter by letter: name one subject, without *", self.subject)
        # https://docs.github.com/actions/reference/security/oidc: whoever may open a pull request has this one.
        if self.subject.endswith(":pull_request"):
            yield Mistake(
                "subject", "is that of every pull request, before anybody has reviewed it; name an environment or ref"
            )


class AccessSettings(Settings):
    """Single sign-on. Without `issuer` and `cognito` there is none: the one user is Airflow's local administrator."""

    issuer: IssuerUrl | None = None
    """The OpenID provider that people sign in at, exactly as it names itself, such as https://example.okta.com."""
    client_id: Text | None = None
    """What the provider calls this Airflow. The secret is `alisio:accessSecret`, or `secretName`."""
    secret_name: SecretName | None = None
    """The client's secret, by its name in AWS Secrets Manager. Then it is in no state of Pulumi, and only the
    api-server reads it."""
    cognito: CognitoSettings | None = None
    """A user pool of Amazon Cognito that the program makes, in place of a provider that exists."""
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1), AfterValidator(unique)] = ("openid", "email", "profile")
    """What the provider is asked for. Some send groups only if a scope asks for them."""
    groups_claim: Text = "groups"
    """The claim that names a person's groups."""
    roles: dict[str, Role] = {}
    """The role of each group: Admin, Op, User or Viewer. Who is in none of them gets in nowhere. With `cognito` the
    groups are made; by default Admin, Op, User and Viewer."""
    session_hours: Annotated[int, Field(ge=1, le=24)] = 8
    """After so long the provider is asked again, however busy somebody is. Then roles are those of that time."""
    provider_logout: bool = True
    """Whoever signs out of Airflow is signed out at the provider too, if it can do that."""
    contact: Text | None = None
    """Whom people ask for access. Those who have none see it."""
    machines: tuple[Machine, ...] = ()
    """Jobs that may call the API without a stored secret. A line that goes takes its access away within a minute."""
    break_glass: bool = False
    """Let the local administrator in beside single sign-on, by the password that is generated. For an emergency."""

    @property
    def is_on(self) -> bool:
        """Whether people sign in at a provider."""
        return self.issuer is not None or self.cognito is not None

    @property
    def has_local_admin(self) -> bool:
        """Whether the local administrator may sign in."""
        return self.break_glass or not self.is_on

    @property
    def role_of_group(self) -> Mapping[str, str]:
        """The role of each group."""
        return self.roles or ({role: role for role in ROLES} if self.cognito else {})

    @property
    def claim(self) -> str:
        """The claim that names a person's groups."""
        return COGNITO_CLAIM if self.cognito else self.groups_claim

    @property
    def logout(self) -> Literal["standard", "cognito", "none"]:
        """How the provider's own session ends."""
        if not self.provider_logout:
            return "none"
        return "cognito" if self.cognito or is_cognito(self.issuer or "") else "standard"

    def mistakes(self) -> Iterator[Mistake]:
        if not self.is_on:
            yield from self._idle()
            return
        if self.contact is None:
            yield Mistake("contact", "is required with single sign-on: whom do people ask for access? They see it")
        yield from self._provider_mistakes()
        yield from self._role_mistakes()
        yield from self._machine_mistakes()

    def _idle(self) -> Iterator[Mistake]:
        for name in sorted(self.model_fields_set):
            if getattr(self, name):
                yield Mistake(self._key(name), "has no effect without access.issuer or access.cognito; add one of them")

    def _provider_mistakes(self) -> Iterator[Mistake]:
        if self.cognito:
            if self.issuer:
                yield Mistake("issuer", "either issuer or cognito: people sign in at one place", self.issuer)
            for name in OF_PROVIDER:
                if name in self.model_fields_set and getattr(self, name) is not None:
                    yield Mistake(self._key(name), "follows from access.cognito; remove it", getattr(self, name))
            return
        if self.client_id is None:
            yield Mistake("clientId", "is required with access.issuer: what the provider calls this Airflow")
        if "openid" not in self.scopes:
            yield Mistake("scopes", "must contain openid, or the provider says nothing about people", self.scopes)
        if self.groups_claim in EDITABLE:
            yield Mistake(
                "groupsClaim",
                "people can change it themselves at some providers; name a claim of groups, app roles, or sub",
                self.groups_claim,
            )
        if is_cognito(self.issuer or "") and self.groups_claim != COGNITO_CLAIM:
            yield Mistake(
                "groupsClaim", f'Cognito puts groups into "{COGNITO_CLAIM}", and nowhere else', self.groups_claim
            )

    def _role_mistakes(self) -> Iterator[Mistake]:
        if not self.role_of_group:
            yield Mistake("roles", "is required with access.issuer: which group has which role, such as airflow: Admin")
        elif "Admin" not in self.role_of_group.values() and not self.break_glass:
            yield Mistake(
                "roles", "nobody could administer Airflow; give one group Admin, or set access.breakGlass: true"
            )
        for group in self.roles:
            if group != group.strip() or not 1 <= len(group) <= 512:
                yield Mistake("roles", "a group has 1 to 512 characters, without blanks at its ends", group)
            elif self.cognito and not re.fullmatch(GROUP, group):
                yield Mistake("roles", "a group of Cognito has 1 to 128 characters and no blanks", group)

    def _machine_mistakes(self) -> Iterator[Mistake]:
        for index, machine in enumerate(self.machines):
            before = self.machines[:index]
            if machine.name in [other.name for other in before]:
                yield Mistake(f"machines[{index}].name", "another machine has this name", machine.name)
            if (machine.issuer, machine.subject) in [(other.issuer, other.subject) for other in before]:
                yield Mistake(
                    f"machines[{index}].subject",
                    "another machine is the same: one issuer, one subject",
                    machine.subject,
                )

    def _key(self, name: str) -> str:
        return type(self).model_fields[name].alias or name
