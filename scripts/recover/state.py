"""What a state says of operations that never ended, and how it is mended.

Pulumi's own way is `pulumi refresh --import-pending-creates URN --import-pending-creates ID`. Of v3.274.1 it forgets
the resource instead: it turns the operation into one of type `importing`, which nothing reads and the refresh drops. So
the resource is put among the others with its id, and a refresh asks its provider: what does not exist goes again.

`pulumi stack import` takes all pending operations out of a state, whatever the state says.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast, final

from scripts.recover.pulumi import Deployment

CREATING: Final = "creating"
SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
"""Marks a secret in a state: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go"""
UNREAD: Final = "a recovery took this up, and its provider was not asked yet"
"""An error of initialization, which an import keeps, so that a recovery which is interrupted itself can be repeated."""

Resource = dict[str, Any]


@final
@dataclass(frozen=True, kw_only=True)
class Pending:
    """An operation on a resource that was begun, and of which nobody wrote down the end."""

    operation: str
    """creating, updating, deleting, reading."""
    resource: Resource

    @property
    def urn(self) -> str:
        return self.resource["urn"]

    @property
    def type(self) -> str:
        return self.resource["type"]

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]

    @property
    def inputs(self) -> Mapping[str, Any]:
        return self.resource.get("inputs") or {}


def pending_in(state: Deployment) -> list[Pending]:
    """The operations that never ended."""
    found: list[dict[str, Any]] = state["deployment"].get("pending_operations") or []
    return [Pending(operation=each["type"], resource=each["resource"]) for each in found]


def unread_in(state: Deployment) -> list[Pending]:
    """The begun creations that a recovery took up before it was interrupted itself."""
    return [
        Pending(operation=CREATING, resource=each)
        for each in resources_in(state)
        if UNREAD in (each.get("initErrors") or ())
    ]


def resources_in(state: Deployment) -> list[Resource]:
    return state["deployment"].get("resources") or []


def adopting(state: Deployment, adopted: Mapping[str, tuple[Pending, str]]) -> Deployment:
    """The state with resources, by URN, as if they had been created under these ids; UNREAD marks them."""
    changed = copy.deepcopy(state)
    resources = resources_in(changed)
    for urn, (pending, identifier) in adopted.items():
        if any(each["urn"] == urn and each.get("id") == identifier for each in resources):
            continue
        new = {**copy.deepcopy(pending.resource), "id": identifier, "initErrors": [UNREAD]}
        new.setdefault("outputs", {})
        # Deleted already, to make room for this one: it is nothing but a note.
        resources[:] = [each for each in resources if each["urn"] != urn or not each.get("pendingReplacement")]
        for each in resources:
            if each["urn"] == urn:
                each["delete"] = True
        resources.append(new)
    changed["deployment"]["resources"] = _in_order(resources)
    return changed


def settled(state: Deployment, adopted: Mapping[str, tuple[Pending, str]]) -> Deployment:
    """The state after the refresh, without pending operations.

    What a provider reads of a resource that it knows by its id only has no password and no other input that the cloud
    never tells. The resource was made with the inputs of the pending operation: so they are its inputs.
    """
    changed = copy.deepcopy(state)
    for each in resources_in(changed):
        if each["urn"] not in adopted or each.get("delete"):
            continue
        each.pop("initErrors", None)
        inputs = adopted[each["urn"]][0].inputs
        outputs: dict[str, Any] = each.get("outputs") or {}
        told = {key: value for key, value in outputs.items() if not _secret(inputs.get(key))}
        each["inputs"] = copy.deepcopy(dict(inputs))
        each["outputs"] = {**{key: value for key, value in inputs.items() if key != "__defaults"}, **told}
    changed["deployment"]["pending_operations"] = []
    return changed


def _in_order(resources: list[Resource]) -> list[Resource]:
    """Each after what it depends on, otherwise as they were; what is to be deleted comes last, as the engine has it."""
    living = {each["urn"]: each for each in resources if not each.get("delete")}
    done: dict[str, Resource] = {}

    def place(resource: Resource) -> None:
        if resource["urn"] in done:
            return
        for urn in _dependencies(resource):
            if urn in living and urn != resource["urn"]:
                place(living[urn])
        done[resource["urn"]] = resource

    for resource in living.values():
        place(resource)
    return [*done.values(), *(each for each in resources if each.get("delete"))]


def _dependencies(resource: Resource) -> list[str]:
    found = [resource.get("parent"), resource.get("deletedWith"), str(resource.get("provider", "")).rpartition("::")[0]]
    found += resource.get("dependencies") or []
    properties: Mapping[str, list[str] | None] = resource.get("propertyDependencies") or {}
    found += [urn for urns in properties.values() for urn in urns or ()]
    return [urn for urn in found if urn]


def _secret(value: Any) -> bool:
    """Whether there is a secret in it, at whatever depth."""
    match value:
        case dict():
            fields = cast("dict[str, Any]", value)
            return SIGNATURE in fields or any(map(_secret, fields.values()))
        case list():
            return any(map(_secret, cast("list[Any]", value)))
        case _:
            return False
