"""URNs as the engine makes them. A URN is the identity of a resource: a rename or a new parent changes it."""

from __future__ import annotations

from typing import Final

STACK_TYPE: Final = "pulumi:pulumi:Stack"


def make_urn(*, stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """`urn:pulumi:stack::project::parent$types::type::name`; the stack is not a part of its children's types."""
    parent_type = parent.split("::")[2] if parent else STACK_TYPE
    qualified = type_ if parent_type == STACK_TYPE else f"{parent_type}${type_}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def child_urn(parent: str, type_: str, name: str) -> str:
    """The URN of a child in the same stack as its parent."""
    stack, project = parent.removeprefix("urn:pulumi:").split("::")[:2]
    return make_urn(stack=stack, project=project, parent=parent, type_=type_, name=name)
