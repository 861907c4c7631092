"""The name of a stack, as the Pulumi CLI takes it: `dev`, `acme/dev` or `acme/alisio/dev`.

https://github.com/pulumi/pulumi/blob/master/pkg/backend/httpstate/backend.go (parseStackName)
"""

from __future__ import annotations

from dataclasses import dataclass

from refused import Refused

PROJECT = "alisio"
"""The name in Pulumi.yaml: the namespace of our keys."""
FORMS = "STACK, ORGANIZATION/STACK or ORGANIZATION/PROJECT/STACK"


class StackNameError(Refused):
    """A text is no name of a stack of this project; the text says which forms there are."""


@dataclass(frozen=True, kw_only=True)
class StackName:
    """A stack: its own name, which its file and its resources have, and the organization if one was given."""

    stack: str
    organization: str | None = None


def stack_name(text: str, *, project: str = PROJECT) -> StackName:
    """The parts of a name. Another project's stack is refused: its file is not here."""
    match text.split("/"):
        case [stack] if stack:
            return StackName(stack=stack)
        case [organization, stack] if organization and stack:
            return StackName(stack=stack, organization=organization)
        case [organization, named, stack] if organization and named and stack:
            if named != project:
                raise StackNameError(f"{text!r} is a stack of the project {named!r}; this is the project {project!r}")
            return StackName(stack=stack, organization=organization)
        case _:
            raise StackNameError(f"{text!r} is no name of a stack; allowed are {FORMS}")
