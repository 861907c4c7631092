"""Small programs for the tests of the harness, and the one way in which they are run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_random as random
from pulumi import ResourceOptions

from plan import Deployment, deploy


class Vault(pulumi.ComponentResource):
    """Holds a password."""

    password: pulumi.Output[str]

    def __init__(self, name: str, *, opts: ResourceOptions | None = None) -> None:
        super().__init__("test:index:Vault", name, None, opts)
        self.inner = random.RandomPassword(
            f"{name}-password", length=32, special=False, opts=ResourceOptions(parent=self)
        )
        self.password = self.inner.result
        self.register_outputs({"password": self.password, "length": self.inner.length})


class House(pulumi.ComponentResource):
    """A component in which another component lives."""

    def __init__(self, name: str, *, opts: ResourceOptions | None = None) -> None:
        super().__init__("test:index:House", name, None, opts)
        self.vault = Vault(f"{name}-vault", opts=ResourceOptions(parent=self))
        self.register_outputs({})


class Passthrough(pulumi.CustomResource):
    """A custom resource of a provider that computes nothing."""

    def __init__(self, name: str, properties: dict[str, Any], opts: ResourceOptions | None = None) -> None:
        super().__init__("test:index:Passthrough", name, properties, opts)


def run(program: Callable[[], object], **options: Any) -> Deployment:
    """Run the program as the stack `dev` of the project `small`, or as the options say."""
    chosen: dict[str, Any] = {"project": "small", "stack": "dev", **options}
    return deploy(program, **chosen)
