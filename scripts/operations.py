"""Preview, up and destroy through Pulumi's Automation API. What changes AWS shows its plan and asks first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pulumi import automation as auto

import console
from plan.program import CHECKOUT
from refused import FAILED, Refused
from scripts.asking import confirm, somebody_is_there
from scripts.recover.check import HELM_IS_STUCK, way_out
from settings.stack_file import read_stack, stack_file

Result = TypeVar("Result")


def preview(stack: str) -> None:
    """Show what `up` would change, and change nothing."""
    chosen = _stack(stack)
    _watched(stack, lambda: chosen.preview(on_output=_show, color=_colour()))


def up(stack: str, *, ask: bool = True) -> None:
    """Create or update the stack, after a preview and the answer `yes`."""
    somebody_is_there(ask=ask)
    chosen = _stack(stack)
    if ask:
        _watched(stack, lambda: chosen.preview(on_output=_show, color=_colour()))
        confirm(f"Apply these changes to {stack}?", answer="yes")
    _watched(stack, lambda: chosen.up(on_output=_show, color=_colour()))


def destroy(stack: str, *, ask: bool = True) -> None:
    """Delete the stack, after its name was typed. Pulumi itself refuses a protected one."""
    somebody_is_there(ask=ask)
    chosen = _stack(stack)
    if ask:
        confirm(f"This deletes {stack} from AWS, with its data. Type its name to go on:", answer=stack)
    _watched(stack, lambda: chosen.destroy(on_output=_show, color=_colour()))


def refuse_protected(stack: str) -> None:
    """Say how a protected stack is deleted on purpose, without asking Pulumi or anybody."""
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
    return _watched(name, lambda: auto.create_or_select_stack(stack_name=name, work_dir=str(CHECKOUT)))


def _watched(stack: str, operation: Callable[[], Result]) -> Result:
    try:
        return operation()
    except auto.ConcurrentUpdateError:
        text = "somebody else is updating this stack; wait for the end of it"
        raise Refused(text, f"if that update died: {way_out(stack)}", status=FAILED) from None
    except auto.CommandError as error:
        # Standard output was shown line by line. Only standard error is left to show.
        said = f"pulumi failed: {str(error).rpartition('stderr:')[2].strip()}"
        stuck = any(words in str(error) for words in HELM_IS_STUCK)
        raise Refused(said, way_out(stack) if stuck else "", status=FAILED) from None


def _show(line: str) -> None:
    console.write(line.removesuffix("\n"))


def _colour() -> str:
    return "always" if console.coloured() else "never"
