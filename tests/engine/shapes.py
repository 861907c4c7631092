"""What two stacks have in common that were made at different times: all but the values."""

from __future__ import annotations

from typing import Any

from tests.engine.stage import Stage
from tests.engine.state import revealed


def shape(stage: Stage, stack: str) -> dict[str, Any]:
    """The state without its values: ids, names and secrets of another life are others."""
    resources = stage.engine.resources(stack, show_secrets=True)
    assert not [each["urn"] for each in resources if each.get("delete") or each.get("pendingReplacement")]
    return {
        each["urn"]: {
            "inputs": form(revealed(each.get("inputs") or {})),
            "outputs": form(revealed(each.get("outputs") or {})),
            "parent": each.get("parent"),
            "protect": each.get("protect"),
            "dependencies": sorted(each.get("dependencies") or ()),
            "properties": sorted_values(each.get("propertyDependencies") or {}),
        }
        for each in resources
        if "pulumi:providers:aws" not in each["urn"]
    }


def sorted_values(urns: dict[str, list[str] | None]) -> dict[str, list[str]]:
    return {key: sorted(each or ()) for key, each in urns.items()}


def form(value: Any) -> Any:
    """Keys and the kinds of values, marks of secrecy included."""
    match value:
        case dict():
            return {key: form(each) for key, each in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case list():
            return [form(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return type(value).__name__


def secrets_of(stage: Stage, stack: str) -> dict[str, Any]:
    """Everything random that the state holds: once there, somebody uses it."""
    resources = stage.engine.resources(stack, show_secrets=True)
    return {each["urn"]: each.get("outputs") for each in resources if each["type"].startswith("random:")}
