"""`python -m scripts preview|up|refresh|outputs|destroy|sweep|recover|doctor STACK`, and `python -m scripts dags …`.

The platform's life in AWS. Each command imports what it needs when it runs, so that `--help` is fast.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

import console
from refused import REFUSED
from scripts.dags.commands import app as dags

if TYPE_CHECKING:
    from scripts.doctor import Check

app = typer.Typer(
    help="The platform's life in AWS.", add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)
app.add_typer(dags, name="dags")

Stack = Annotated[str, typer.Argument(metavar="STACK", help="Name of a Pulumi.STACK.yaml; also ORGANIZATION/STACK.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before changing anything.")]
Interrupted = Literal["refused", "note", "expected"]
"""What an update that died means to a command."""
WithLoss = Annotated[bool, typer.Option("--with-loss", help="With --yes: also what replaces or deletes a store.")]
Machine = Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")]
OwnerIsGone = Annotated[
    bool, typer.Option("--owner-is-gone", help="Whoever holds the lock on another machine is gone for certain.")
]


@app.command()
def up(stack: Stack, *, yes: Yes = False, with_loss: WithLoss = False, machine: Machine = False) -> None:
    """Create or update a stack, after a preview and a question."""
    from scripts import operations

    _examine(stack, told=_people(machine=machine))
    operations.up(stack, ask=not yes, with_loss=with_loss, machine=machine)


@app.command()
def preview(stack: Stack, *, machine: Machine = False) -> None:
    """Show what `up` would change; change nothing."""
    from scripts import operations

    # A preview harms nobody, not even during somebody else's update.
    _examine(stack, interrupted="note", told=_people(machine=machine))
    operations.preview(stack, machine=machine)


@app.command()
def refresh(stack: Stack, *, yes: Yes = False) -> None:
    """Write into a stack's state what there really is; change nothing else."""
    from scripts import operations

    _examine(stack, makes=False)
    operations.refresh(stack, ask=not yes)


@app.command()
def outputs(stack: Stack, *, machine: Machine = False) -> None:
    """Show what a stack says of itself: address, dashboard, names. Secrets stay covered."""
    from scripts import operations

    operations.outputs(stack, machine=machine)


@app.command()
def destroy(stack: Stack, *, yes: Yes = False) -> None:
    """Delete a stack, after you typed its name, and then what services left of it."""
    from scripts import operations
    from scripts.sweep.command import sweep_after_destroy

    operations.refuse_protected(stack)
    _examine(stack, makes=False)
    operations.destroy(stack, ask=not yes)
    sweep_after_destroy(stack, ask=not yes)


@app.command()
def sweep(stack: Stack, *, yes: Yes = False, machine: Machine = False) -> None:
    """Delete what services left in AWS when a stack was destroyed: by its tags, and never what its state knows."""
    from scripts.sweep.command import sweep_stack

    _examine(stack, makes=False, told=_people(machine=machine))
    sweep_stack(stack, ask=not yes, machine=machine)


@app.command()
def doctor(stack: Stack, *, machine: Machine = False) -> None:
    """Check what a stack needs before it goes to AWS, and if it is up, how it looks from outside. Changes nothing.

    Status 1: the stack is up, and something is wrong with it. Status 2: it cannot go to AWS from here.
    """
    from scripts.checkup.command import checkup_of

    checkup_of(stack, _checks(stack), machine=machine)


@app.command()
def recover(stack: Stack, *, yes: Yes = False, owner_is_gone: OwnerIsGone = False) -> None:
    """After an update that died: say what was interrupted, and make the stack ready for the next `up`."""
    from plan.program import CHECKOUT
    from scripts.recover.aws import Aws
    from scripts.recover.pulumi import Pulumi
    from scripts.recover.recovery import recover
    from settings.stack_file import configuration, stack_file

    _examine(stack, interrupted="expected", makes=False)
    region = configuration(stack_file(CHECKOUT, stack))["aws:region"]
    recover(Pulumi(stack=stack, folder=CHECKOUT), Aws(region=region), ask=not yes, owner_is_gone=owner_is_gone)


def _examine(
    stack: str,
    *,
    interrupted: Interrupted = "refused",
    makes: bool = True,
    told: Console = console.out,
) -> None:
    """Show every check. A failed check ends the command before anything is touched.

    `makes`: something may be made, and its name must be free.
    """
    from scripts.doctor import failures

    checks = _checks(stack, interrupted=interrupted, makes=makes)
    for check in checks:
        told.print(str(check))
    if failures(checks):
        raise typer.Exit(REFUSED)


def _checks(stack: str, *, interrupted: Interrupted = "refused", makes: bool = True) -> list[Check]:
    from scripts.doctor import examine, failures, name_is_free, state_of

    checks = examine(stack)
    # Pulumi is asked only if it is there, and with the right credentials.
    if interrupted != "expected" and not failures(checks):
        checks.append(state_of(stack, fatal=interrupted == "refused"))
        if makes and not failures(checks):
            checks.append(name_is_free(stack, fatal=interrupted == "refused"))
    return checks


def _people(*, machine: bool) -> Console:
    """Where people read. A machine has the standard output to itself."""
    return console.err if machine else console.out


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 failed in the cloud, 2 refused before anything was touched."""
    return console.run(app, "python -m scripts", arguments)


if __name__ == "__main__":
    sys.exit(main())
