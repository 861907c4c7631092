"""Show what a stack would register, without CLI, account or network."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from typing import Final

import pulumi

from plan.asked import CloudCallError
from plan.config import PlanError
from plan.deployment import Deployment
from plan.diagram import diagram
from plan.engine import DeadlockError
from plan.monitor import DuplicateUrnError
from plan.program import plan_stack
from plan.report import to_json
from plan.tree import COLOURS, PLAIN, tree
from plan.values import values_yaml
from settings import SettingsError

# What is wrong with the input, and not with the code: the message says it all. Anything else deserves its traceback.
REFUSALS: Final = (
    PlanError,
    SettingsError,
    CloudCallError,
    DuplicateUrnError,
    DeadlockError,
    pulumi.RunError,
    pulumi.ConfigMissingError,
    pulumi.ConfigTypeError,
)

EPILOG = """\
examples:
  python -m plan prod                   the tree of resources, exports, warnings and counts
  python -m plan prod --preview         the same, as before the first deployment: no output is known
  python -m plan prod --json > a.json   every input of every resource, secrets masked; compare two with diff
  python -m plan prod --values          the Helm values of Airflow, for helm template --values
  python -m plan prod --diagram         the architecture as a Mermaid flowchart

exit status: 0 the plan is complete; 1 the program logged an error; 2 no such stack, or settings that do not work
"""


def main(arguments: list[str] | None = None) -> int:
    """Print the plan of a stack, in the form that is asked for."""
    options = _parser().parse_args(arguments)
    try:
        deployment = plan_stack(options.stack, preview=options.preview)
        text = _text(deployment, options.form)
    except REFUSALS as error:
        print(error, file=sys.stderr)
        return 2
    _write(text.rstrip("\n"))
    return int(any(message.severity == "error" for message in deployment.messages))


def _write(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; and Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m plan", description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stack", metavar="STACK", help="the stack, as in Pulumi.STACK.yaml")
    form = parser.add_mutually_exclusive_group()
    for name, what in (
        ("json", "every resource with its inputs, as JSON"),
        ("values", "the Helm values of Airflow, as YAML"),
        ("diagram", "the components and what they are built on, as Mermaid"),
    ):
        form.add_argument(f"--{name}", dest="form", action="store_const", const=name, help=what)
    parser.add_argument("--preview", action="store_true", help="as before the first deployment: no output is known")
    return parser


def _text(deployment: Deployment, form: str | None) -> str:
    match form:
        case "json":
            return to_json(deployment)
        case "values":
            return values_yaml(deployment)
        case "diagram":
            return diagram(deployment)
        case _:
            is_terminal = sys.stdout.isatty()
            coloured = is_terminal and not os.environ.get("NO_COLOR")
            width = shutil.get_terminal_size().columns if is_terminal else None
            return tree(deployment, width=width, style=COLOURS if coloured else PLAIN)


if __name__ == "__main__":
    sys.exit(main())
