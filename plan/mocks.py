"""Answers in place of the providers: plausible, stable outputs for each type of resource."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, final

from plan.asked import CloudCallError, Failures, Invocation, Registration
from plan.providers import aws, cognito, eks, kubernetes, random
from plan.providers.aws import Account
from plan.sentinels import Sentinels

Invoke = Mapping[str, Any] | Callable[[Mapping[str, Any]], Mapping[str, Any]]

DEFAULT_REGION: Final = "us-east-1"
DEFAULT_ACCOUNT: Final = "123456789012"


@final
class EngineMocks:
    """Answers by type. A call to a function of the cloud is refused, unless `invokes` has an answer for its token."""

    def __init__(
        self,
        *,
        region: str = DEFAULT_REGION,
        account: str = DEFAULT_ACCOUNT,
        invokes: Mapping[str, Invoke] | None = None,
    ) -> None:
        self.account = Account(id=account, region=region)
        self.invokes = dict(invokes or {})
        self._sentinels = Sentinels()

    @classmethod
    def of_config(cls, config: Mapping[str, str]) -> EngineMocks:
        """The region and the account that the stack's configuration names."""
        account = _first(config.get("aws:allowedAccountIds") or "")
        return cls(region=config.get("aws:region") or DEFAULT_REGION, account=account or DEFAULT_ACCOUNT)

    @property
    def sentinels(self) -> set[str]:
        """Every secret that these mocks have generated."""
        return self._sentinels.known

    def new_resource(self, args: Registration) -> tuple[str, dict[str, Any]]:
        """The id and the outputs of a resource after an update."""
        match args.typ.partition(":")[0]:
            case "aws":
                identifier, outputs = aws.answer(args, self.account)
                outputs |= cognito.special(args, self.account.region, self._sentinels)
                return outputs.pop("id", identifier), outputs
            case "eks":
                return "", eks.answer(args, self.account)
            case "kubernetes":
                return kubernetes.answer(args)
            case "random":
                return random.answer(args, self._sentinels)
            case _:
                return f"{args.name}-id", {}

    def preview_resource(self, args: Registration) -> dict[str, Any]:
        """The outputs that a provider knows in a preview, beyond the inputs."""
        return kubernetes.preview(args) if args.typ.startswith("kubernetes:") else {}

    def call(self, args: Invocation) -> tuple[Mapping[str, Any], Failures | None]:
        """The answer of a provider's function, such as a look-up."""
        invoke = self.invokes.get(args.token)
        if invoke is None:
            raise CloudCallError(
                f"no call to the cloud in the program: it invokes {args.token}."
                " Take what it needs from the settings or from a resource."
            )
        return invoke(args.args) if callable(invoke) else invoke, None


def _first(accounts: str) -> str:
    """The first item of a JSON list, or an empty text. It is left to the program to refuse bad settings."""
    try:
        parsed: Any = json.loads(accounts)
        return str(parsed[0])
    except (ValueError, LookupError, TypeError):
        return ""
