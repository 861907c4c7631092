"""Preview, up and destroy through Pulumi's Automation API. What changes AWS shows its plan and asks first."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

from pulumi import automation as auto

import console
from plan.program import CHECKOUT
from refused import FAILED, Refused
from settings.stack_file import read_stack, stack_file

Result = TypeVar("Result")


def preview(stack: str) -> None:
    """Show what `up` would change, and change nothing."""
    chosen = _stack(stack)
    _watched(lambda: chosen.preview(on_output=_show, color=_colour()))


def up(stack: str, *, ask: bool = True) -> None:
    """Create or update the stack, after a preview and the answer `yes`."""
    _somebody_is_there(ask=ask)
    chosen = _stack(stack)
    if ask:
        _watched(lambda: chosen.preview(on_output=_show, color=_colour()))
        _confirm(f"Apply these changes to {stack}?", answer="yes")
    _watched(lambda: chosen.up(on_output=_show, color=_colour()))


def destroy(stack: str, *, ask: bool = True) -> None:
    """Delete the stack, after its name was typed. A protected one is refused, here and by Pulumi itself."""
    _unprotected(stack)
    _somebody_is_there(ask=ask)
    chosen = _stack(stack)
    if ask:
        _confirm(f"This deletes {stack} from AWS, with its data. Type its name to go on:", answer=stack)
    _watched(lambda: chosen.destroy(on_output=_show, color=_colour()))


def _unprotected(stack: str) -> None:
    file = stack_file(CHECKOUT, stack)
    settings = read_stack(file).settings
    if settings.protect:
        off = "alisio:production and alisio:protect" if settings.production else "alisio:protect"
        raise Refused(
            f"{stack} is protected: nothing was deleted",
            f"to delete it on purpose, set {off} to false in {file.name}, run `python -m scripts up {stack}`, then "
            f"`python -m scripts destroy {stack}`",
        )


def _stack(name: str) -> auto.Stack:
    return _watched(lambda: auto.create_or_select_stack(stack_name=name, work_dir=str(CHECKOUT)))


def _watched(operation: Callable[[], Result]) -> Result:
    try:
        return operation()
    except auto.ConcurrentUpdateError:
        raise Refused(
            "somebody else is updating this stack; wait, or `pulumi cancel` if that update died", status=FAILED
        ) from None
    except auto.CommandError as error:
        # Standard output was shown line by line. Only standard error is left to show.
        raise Refused(f"pulumi failed: {str(error).rpartition('stderr:')[2].strip()}", status=FAILED) from None


def _somebody_is_there(*, ask: bool) -> None:
    if ask and not sys.stdin.isatty():
        raise Refused("nobody is there to be asked; add --yes")


def _confirm(question: str, *, answer: str) -> None:
    if console.out.input(f"{question} ({answer}) ", markup=False, emoji=False).strip() != answer:
        raise Refused("nothing was changed")


def _show(line: str) -> None:
    console.write(line.removesuffix("\n"))


def _colour() -> str:
    return "always" if console.coloured() else "never"
