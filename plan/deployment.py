"""What a run of the program registered. Every report and every test is based on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import final

from plan.wire import Properties, Secret, plain, walk


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A line that the program logged."""

    severity: str
    text: str
    urn: str = ""


@final
@dataclass(frozen=True, kw_only=True)
class Resource:
    """One registration, with everything that the engine received about it. Lists of URNs are sorted."""

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    remote: bool
    protect: bool
    dependencies: tuple[str, ...]
    property_dependencies: Mapping[str, tuple[str, ...]]
    provider: str
    """The URN of the explicit provider, or an empty string."""
    inputs: Properties
    """As the engine receives them: camelCase, each secret a `Secret`, each unknown `UNKNOWN`, each asset an `Asset`."""
    outputs: Properties
    """For a component, what it registered. For a custom resource, what its provider answered."""
    ignore_changes: tuple[str, ...]
    aliases: tuple[str, ...]
    replace_on_changes: tuple[str, ...]
    delete_before_replace: bool | None
    retain_on_delete: bool
    deleted_with: str
    additional_secret_outputs: tuple[str, ...]
    custom_timeouts: Mapping[str, str]
    version: str
    trace: tuple[int, ...] = field(default=(), compare=False, repr=False)
    """The lines of code that led to this registration, outermost first. They give the order of the program."""

    @cached_property
    def plain_inputs(self) -> Properties:
        """The inputs with the secrets in the clear."""
        return plain(self.inputs)

    @cached_property
    def secret_inputs(self) -> tuple[str, ...]:
        """The property paths of the secrets among the inputs."""
        return tuple(sorted(path for path, leaf in walk(self.inputs) if isinstance(leaf, Secret)))

    @property
    def package(self) -> str:
        """`aws` of `aws:s3/bucket:Bucket`; a provider belongs to the package it serves."""
        package, _, rest = self.type.partition(":")
        return rest.partition(":")[2] if self.type.startswith("pulumi:providers:") else package


@final
@dataclass(frozen=True, kw_only=True)
class Deployment:
    """Resources are in the order of the program, parents before children. The first one is the stack itself."""

    project: str
    stack: str
    preview: bool
    resources: tuple[Resource, ...]
    outputs: Properties
    """The exports of the stack, secrets marked."""
    messages: tuple[Message, ...] = ()
    sentinels: frozenset[str] = field(default=frozenset(), repr=False)
    """Every generated or configured secret of this run, in the clear and encoded."""
    project_dir: Path | None = None

    @cached_property
    def by_urn(self) -> Mapping[str, Resource]:
        return {resource.urn: resource for resource in self.resources}

    @cached_property
    def stack_urn(self) -> str:
        return self.resources[0].urn

    @property
    def warnings(self) -> tuple[str, ...]:
        """The lines that the program logged as a warning or an error."""
        return tuple(message.text for message in self.messages if message.severity in ("warning", "error"))

    def of_type(self, token: str) -> tuple[Resource, ...]:
        return tuple(resource for resource in self.resources if resource.type == token)

    def one(self, token: str, name: str | None = None) -> Resource:
        """The only resource of a type (and, if given, of a logical name)."""
        found = [each for each in self.of_type(token) if name is None or each.name == name]
        if len(found) == 1:
            return found[0]
        wanted = token if name is None else f"{token} {name!r}"
        there = ", ".join(repr(each.name) for each in self.of_type(token)) or "none of this type"
        raise LookupError(f"expected one {wanted} in stack {self.stack!r}, found {len(found)}; there: {there}")

    def children(self, urn: str) -> tuple[Resource, ...]:
        return tuple(resource for resource in self.resources if resource.parent == urn)

    def ancestors(self, resource: Resource) -> tuple[Resource, ...]:
        """Parent, grandparent, ... up to and including the stack."""
        found: list[Resource] = []
        while resource.parent:
            resource = self.by_urn[resource.parent]
            found.append(resource)
        return tuple(found)

    def upstream(self, resource: Resource) -> frozenset[str]:
        """Everything that exists before this resource: dependencies, parents, providers, and what they need in turn."""
        seen: set[str] = set()
        todo = [resource.urn]
        while todo:
            each = self.by_urn.get(todo.pop())
            if each is None:
                continue
            needs = {*each.dependencies, each.parent, each.provider, each.deleted_with} - {""}
            todo.extend(needs - seen)
            seen |= needs
        return frozenset(seen)
