"""The cloud that the doubles stand for: what exists in it. It outlives the engine, which may be killed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, final

from plan.providers.aws import NAME_PROPERTY
from tests.engine.raw import Raw, clear

# Names are unique within these: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html,
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
SCOPES: Final = ("role", "vpcId", "clusterName")


class CloudError(Exception):
    """What the cloud refuses."""


@final
@dataclass(kw_only=True)
class Thing:
    """A resource that exists."""

    type: str
    id: str
    name: str
    """The logical name."""
    urn: str
    seed: str
    """What its id, names and secrets are made from: a second one of the same URN gets others."""
    inputs: Raw
    outputs: Raw
    claims: tuple[str, ...] = ()
    """The physical name that nobody else may have."""


@final
@dataclass
class Cloud:
    """Everything that exists, by type and id."""

    _things: dict[tuple[str, str], list[Thing]] = field(default_factory=dict[tuple[str, str], list[Thing]])
    _made: dict[str, int] = field(default_factory=dict[str, int])
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def things(self) -> list[Thing]:
        with self._lock:
            return [thing for things in self._things.values() for thing in things]

    def of_type(self, type_: str) -> list[Thing]:
        return [thing for thing in self.things if thing.type == type_]

    def next_seed(self, urn: str) -> str:
        """The URN for the first of its kind, as in a plan; later ones are others."""
        with self._lock:
            number = self._made[urn] = self._made.get(urn, 0) + 1
        return urn if number == 1 else f"{urn} {number}"

    def add(self, thing: Thing) -> None:
        """Refused if another one has its name: AWS would."""
        thing.claims = _claims(thing.type, thing.inputs)
        with self._lock:
            if thing.claims and any(other.claims == thing.claims for other in self.things):
                raise CloudError(f"AlreadyExists: {thing.type} {' '.join(thing.claims[1:])} exists")
            self._things.setdefault((thing.type, thing.id), []).append(thing)

    def find(self, type_: str, id_: str, urn: str = "") -> Thing | None:
        """The newest of this id, rather of this URN: ids of the random provider are all the same."""
        with self._lock:
            there = self._things.get((type_, id_), [])
            return next(iter([each for each in there if each.urn == urn] or list(reversed(there))), None)

    def remove(self, thing: Thing) -> None:
        with self._lock:
            self._things[thing.type, thing.id].remove(thing)

    def change(self, thing: Thing, change: Callable[[Raw], None]) -> None:
        """Behind Pulumi's back, in inputs and outputs alike."""
        with self._lock:
            change(thing.inputs)
            change(thing.outputs)


def _claims(type_: str, inputs: Mapping[str, Any]) -> tuple[str, ...]:
    """Type, name and where it must be unique; nothing for what has no name of ours, or no name of its own."""
    if not type_.startswith("aws:"):
        return ()
    given = clear(inputs)
    name = given.get(NAME_PROPERTY.get(type_, "name"))
    # Objects, policies and the like are parts of a bucket, which is their `bucket`, not their name.
    if not name or (type_.startswith("aws:s3/") and type_ != "aws:s3/bucket:Bucket"):
        return ()
    return type_, str(name), *(str(given[scope]) for scope in SCOPES if scope in given)
