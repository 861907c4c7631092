"""Show what a stack would register, without CLI, account or network."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

import console
from plan.deployment import Deployment
from plan.diagram import diagram
from plan.program import plan_stack
from plan.report import to_json
from plan.tree import tree
from plan.values import values_yaml
from refused import FAILED

EPILOG = """\b
Examples:
  python -m plan prod                   the tree of resources, exports, warnings, counts, the price of monitoring
  python -m plan prod --preview         the same, as before the first deployment: no output is known
  python -m plan prod --json > a.json   every input of every resource, secrets masked; compare two with diff
  python -m plan prod --values          the Helm values of Airflow, for helm template --values
  python -m plan prod --diagram         the architecture as a Mermaid flowchart

\b
Exit status: 0 the plan is complete; 1 the program logged an error; 2 no such stack, or settings that do not work
"""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command(help=__doc__, epilog=EPILOG)
def show(
    stack: Annotated[
        str, typer.Argument(metavar="STACK", help="The stack, as in Pulumi.STACK.yaml; also ORGANIZATION/STACK.")
    ],
    *,
    json: Annotated[bool, typer.Option("--json", help="Every resource with its inputs, as JSON.")] = False,
    values: Annotated[bool, typer.Option("--values", help="The Helm values of Airflow, as YAML.")] = False,
    picture: Annotated[
        bool, typer.Option("--diagram", help="The components and what they are built on, as Mermaid.")
    ] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="As before the first deployment: no output is known.")
    ] = False,
) -> None:
    """Print the plan of a stack in the chosen form."""
    if sum((json, values, picture)) > 1:
        raise typer.BadParameter("choose one of --json, --values and --diagram")
    deployment = plan_stack(stack, preview=preview)
    if json:
        text = to_json(deployment)
    elif values:
        text = values_yaml(deployment)
    elif picture:
        text = diagram(deployment)
    else:
        text = _tree(deployment)
    console.write(text.rstrip("\n"))
    if any(message.severity == "error" for message in deployment.messages):
        raise typer.Exit(FAILED)


def _tree(deployment: Deployment) -> str:
    width = console.out.width if console.out.is_terminal else None
    return tree(deployment, width=width, colours=console.coloured())


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; gives its exit status."""
    return console.run(app, "python -m plan", arguments)


if __name__ == "__main__":
    sys.exit(main())
