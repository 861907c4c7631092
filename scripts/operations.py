"""Preview, up, refresh, outputs and destroy through Pulumi's Automation API.

What changes AWS shows what it would do and asks first. What people read goes to standard error where `--json` has the
standard output to itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pulumi import automation as auto
from pulumi.automation.events import EngineEvent

import console
from plan.program import CHECKOUT
from refused import FAILED, Refused
from scripts.asking import confirm, somebody_is_there
from scripts.recover.check import way_out
from scripts.update.drift import Drift
from scripts.update.failure import Failure
from scripts.update.overview import Overview
from scripts.update.progress import Progress
from scripts.update.questions import may_go_on
from settings.stack_file import read_stack, stack_file

Result = TypeVar("Result")
OnEvent = Callable[[EngineEvent], None]
SECRET = "[secret]"


def preview(stack: str, *, machine: bool = False) -> None:
    """Show what `up` would change, and change nothing."""
    seen = _previewed(stack, _stack(stack))
    if machine:
        console.write(json.dumps(seen.for_machines(), indent=2))
    else:
        _show(seen)


def up(stack: str, *, ask: bool = True, with_loss: bool = False, machine: bool = False) -> None:
    """Create or update the stack, after a preview and an answer."""
    somebody_is_there(ask=ask)
    chosen = _stack(stack)
    seen = _previewed(stack, chosen)
    _show(seen, to_err=machine)
    production = read_stack(stack_file(CHECKOUT, stack)).settings.production
    may_go_on(stack, seen, ask=ask, production=production, with_loss=with_loss)
    progress = _changed(stack, lambda on_event: chosen.up(on_event=on_event))
    shown = _plain(chosen.outputs())
    if machine:
        console.write(json.dumps({"steps": progress.for_machines(), "outputs": shown}, indent=2))
    else:
        _show_outputs(shown)


def refresh(stack: str, *, ask: bool = True) -> None:
    """Show where AWS and the cluster are not as the state says, and write that into the state. Nothing else changes."""
    somebody_is_there(ask=ask)
    chosen = _stack(stack)
    seen = Drift()
    _watched(stack, lambda on_event: chosen.preview_refresh(on_event=on_event), seen)
    for line in seen.lines():
        console.out.print(line)
    if not seen.found:
        return
    if ask:
        confirm(f"Write this into the state of {stack}?", answer="yes")
    _watched(stack, lambda on_event: chosen.refresh(on_event=on_event))
    console.out.print(f"written; `python -m scripts preview {stack}` shows what `up` would put right")


def outputs(stack: str, *, machine: bool = False) -> None:
    """Show what the stack says of itself. Secrets stay covered: `pulumi stack output --show-secrets`."""
    shown = _plain(_stack(stack).outputs())
    if machine:
        console.write(json.dumps(shown, indent=2))
    else:
        _show_outputs(shown)


def destroy(stack: str, *, ask: bool = True) -> None:
    """Delete the stack, after its name was typed. Pulumi itself refuses a protected one."""
    somebody_is_there(ask=ask)
    chosen = _stack(stack)
    seen = Overview()
    _watched(stack, lambda on_event: chosen.preview_destroy(on_event=on_event), seen)
    _show(seen)
    if ask:
        confirm(f"This deletes {stack} from AWS, with its data. Type its name to go on:", answer=stack)
    _changed(stack, lambda on_event: chosen.destroy(on_event=on_event))


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
    return _watched(name, lambda _: auto.create_or_select_stack(stack_name=name, work_dir=str(CHECKOUT)))


def _previewed(stack: str, chosen: auto.Stack) -> Overview:
    seen = Overview()
    _watched(stack, lambda on_event: chosen.preview(on_event=on_event), seen)
    return seen


def _changed(stack: str, operation: Callable[[OnEvent], object]) -> Progress:
    with Progress() as progress:
        _watched(stack, operation, progress)
    # After a failure there is none: what failed is what matters then.
    for line in progress.summary():
        console.err.print(line)
    return progress


def _watched(stack: str, operation: Callable[[OnEvent], Result], *listeners: OnEvent) -> Result:
    """Do it. What goes wrong is told in the words of the first resource that failed."""
    failure = Failure(stack)

    def heard(event: EngineEvent) -> None:
        for listener in (failure, *listeners):
            listener(event)

    try:
        return operation(heard)
    except auto.ConcurrentUpdateError:
        text = "somebody else is updating this stack; wait for the end of it"
        raise Refused(text, f"if that update died: {way_out(stack)}", status=FAILED) from None
    except auto.CommandError as error:
        said = failure.text() or f"pulumi failed: {_own_words(error)}"
        raise Refused(said, failure.advice(str(error)), status=FAILED) from None


def _own_words(error: auto.CommandError) -> str:
    """Its standard error; where that is empty, the end of what it printed."""
    printed, _, said = str(error).rpartition("stderr:")
    return said.strip() or printed.strip()[-2000:]


def _show(seen: Overview, *, to_err: bool = False) -> None:
    for line in seen.lines():
        (console.err if to_err else console.out).print(line)


def _plain(found: Mapping[str, auto.OutputValue]) -> dict[str, Any]:
    return {name: SECRET if each.secret else each.value for name, each in sorted(found.items())}


def _show_outputs(found: Mapping[str, Any]) -> None:
    width = max(map(len, found), default=0)
    for name, value in found.items():
        console.out.print(f"{name:<{width}}  {value if isinstance(value, str) else json.dumps(value)}")
