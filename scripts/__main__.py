"""`python -m scripts up|preview|destroy|doctor STACK`, and `python -m scripts dags …`: the platform's life in AWS.

Each command imports what it needs when it runs, so that `--help` is fast.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

import console
from refused import REFUSED
from scripts.dags.commands import app as dags

app = typer.Typer(
    help="The platform's life in AWS.", add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)
app.add_typer(dags, name="dags")

Stack = Annotated[str, typer.Argument(metavar="STACK", help="Name of a Pulumi.STACK.yaml.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before changing anything.")]


@app.command()
def up(stack: Stack, *, yes: Yes = False) -> None:
    """Create or update a stack, after a preview and a question."""
    from scripts import operations

    _examine(stack)
    operations.up(stack, ask=not yes)


@app.command()
def preview(stack: Stack) -> None:
    """Show what `up` would change; change nothing."""
    from scripts import operations

    _examine(stack)
    operations.preview(stack)


@app.command()
def destroy(stack: Stack, *, yes: Yes = False) -> None:
    """Delete a stack, after you typed its name."""
    from scripts import operations

    _examine(stack)
    operations.destroy(stack, ask=not yes)


@app.command()
def doctor(stack: Stack) -> None:
    """Check what a stack needs on this machine before it goes to AWS."""
    _examine(stack)


def _examine(stack: str) -> None:
    """Show every check. A failed check ends the command before anything is touched."""
    from scripts.doctor import examine, failures

    checks = examine(stack)
    for check in checks:
        console.out.print(str(check))
    if failures(checks):
        raise typer.Exit(REFUSED)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 failed in the cloud, 2 refused before anything was touched."""
    return console.run(app, "python -m scripts", arguments)


if __name__ == "__main__":
    sys.exit(main())
