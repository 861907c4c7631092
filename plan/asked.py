"""What the engine asks of providers, and the interface of the mocks that answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, final

from plan.wire import Properties
from refused import Refused

Failures = list[tuple[str, str]]


class CloudCallError(Refused):
    """The program asked the cloud, or a real engine, for something that a plan cannot know."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A resource to create. Fields are named as in `pulumi.runtime.MockResourceArgs`, so that Pulumi's mocks fit."""

    urn: str
    typ: str
    name: str
    inputs: Properties
    provider: str = ""
    custom: bool = True
    resource_id: str = ""

    def text(self, key: str, default: str = "") -> str:
        """An input as text, or the default if it is not set."""
        value = self.inputs.get(key)
        return str(value) if value else default

    def number(self, key: str, default: int = 0) -> int:
        """An input as a whole number, or the default if it is not set."""
        return int(self.inputs.get(key) or default)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """A function of a provider to call. Fields are named as in `pulumi.runtime.MockCallArgs`."""

    token: str
    args: Properties
    provider: str = ""


class ResourceMocks(Protocol):
    """Answers in place of the providers. Any `pulumi.runtime.Mocks` fits."""

    def new_resource(self, args: Any) -> tuple[str | None, Mapping[str, Any]]:
        """The id and the computed properties of a new resource."""
        ...

    def call(self, args: Any) -> Mapping[str, Any] | tuple[Mapping[str, Any], Failures | None]:
        """The answer of a provider's function."""
        ...
