"""What a stack's state says there is, for those who look whether it is well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from scripts.boto import Client

CLUSTER: Final = "aws:eks/cluster:Cluster"


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A stack that is up, and how AWS is asked about it."""

    prefix: str
    """What the names of all its resources begin with; the cluster's name."""
    domain: str | None
    """The host name of the way in, if there is one."""
    resources: Sequence[dict[str, Any]]
    """Of its state."""
    client: Client

    @property
    def is_up(self) -> bool:
        """A stack without a cluster was never up, or is gone."""
        return any(self.ids(CLUSTER))

    def ids(self, kind: str) -> list[str]:
        """The ids of all resources of a type."""
        return [str(each["id"]) for each in self.resources if each["type"] == kind and each.get("id")]

    def outputs(self, kind: str, name: str) -> list[str]:
        """One output of all resources of a type."""
        found = (each.get("outputs", {}).get(name) for each in self.resources if each["type"] == kind)
        return [str(each) for each in found if each]
