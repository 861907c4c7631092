"""Turns requests of the protocol into our own records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi.runtime.proto import resource_pb2

from plan.asked import Registration
from plan.deployment import Resource
from plan.identity import make_urn
from plan.wire import Properties

Request = resource_pb2.RegisterResourceRequest


def to_registration(urn: str, request: Request, inputs: Properties) -> Registration:
    """The question to a provider."""
    return Registration(
        urn=urn,
        typ=request.type,
        name=request.name,
        inputs=inputs,
        provider=request.provider,
        custom=request.custom,
        resource_id=request.importId,
    )


def to_resource(
    urn: str,
    request: Request,
    *,
    parent: Resource | None,
    inputs: Properties,
    outputs: Properties,
    owners: Mapping[str, str],
) -> Resource:
    """The record of the engine. `owners` maps resources inside remote components to their component."""

    def ours(urns: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted({owners.get(each, each) for each in urns}))

    # The engine itself passes protect, retainOnDelete and deletedWith on from parent to child, and nothing else:
    # https://github.com/pulumi/pulumi/blob/master/pkg/resource/deploy/source_eval.go (inheritFromParent)
    protect, retain = parent is not None and parent.protect, parent is not None and parent.retain_on_delete
    dependencies = sorted(request.propertyDependencies.items())
    return Resource(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=request.custom,
        remote=request.remote,
        protect=request.protect if request.HasField("protect") else protect,
        dependencies=ours(request.dependencies),
        property_dependencies={key: ours(each.urns) for key, each in dependencies if each.urns},
        provider=request.provider.rpartition("::")[0],
        inputs=inputs,
        outputs=outputs,
        ignore_changes=tuple(request.ignoreChanges),
        aliases=_aliases(urn, request),
        replace_on_changes=tuple(request.replaceOnChanges),
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else retain,
        deleted_with=request.deletedWith or (parent.deleted_with if parent else ""),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        custom_timeouts={field.name: value for field, value in request.customTimeouts.ListFields()},
        version=request.version,
        trace=_lines(request),
    )


# The SDK's type stubs leave out the messages that the next two functions read, hence `Any`.
def _aliases(urn: str, request: Any) -> tuple[str, ...]:
    """The URNs of the aliases. What an alias leaves out is the same as in the resource."""
    stack, project = urn.removeprefix("urn:pulumi:").split("::")[:2]
    return tuple(
        alias.urn
        or make_urn(
            stack=alias.spec.stack or stack,
            project=alias.spec.project or project,
            parent="" if alias.spec.noParent else alias.spec.parentUrn or request.parent,
            type_=alias.spec.type or request.type,
            name=alias.spec.name or request.name,
        )
        for alias in request.aliases
    )


def _lines(request: Any) -> tuple[int, ...]:
    return tuple(frame.pc.line for frame in reversed(request.stackTrace.frames))
