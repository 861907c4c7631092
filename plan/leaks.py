"""Finds secrets in places where everybody could read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

from plan.deployment import Deployment
from plan.wire import Asset, Secret, walk


@final
@dataclass(frozen=True, slots=True)
class Leak:
    """A generated or configured secret in the clear."""

    where: str
    path: str


def leaks(deployment: Deployment) -> tuple[Leak, ...]:
    """Every place that holds a secret in the clear: in inputs, outputs, exports, names and messages."""
    return tuple(
        Leak(where=where, path=path)
        for where, path, text in _texts(deployment)
        if any(secret in text for secret in deployment.sentinels)
    )


def _texts(deployment: Deployment) -> Iterator[tuple[str, str, str]]:
    for resource in deployment.resources:
        yield resource.urn, "urn", resource.urn
        for part, properties in (("inputs", resource.inputs), ("outputs", resource.outputs)):
            for path, text in _clear_texts(properties, part):
                yield resource.urn, path, text
    for message in deployment.messages:
        yield message.urn or deployment.stack_urn, f"log.{message.severity}", message.text


def _clear_texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    for where, leaf in walk(value, path):
        match leaf:
            case Secret():
                continue
            case Asset(source="file" | "remote"):
                continue
            case Asset():
                yield from _clear_texts(leaf.value, where)
            case _:
                yield where, str(leaf)
