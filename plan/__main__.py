"""`python -m plan STACK`: what the program would register, without CLI, account or network."""

from __future__ import annotations

import argparse
import sys

from plan.program import plan_stack
from plan.report import to_json


def main(arguments: list[str] | None = None) -> int:
    """Print the plan of a stack; 2 stands for a stack or settings that do not work."""
    parser = argparse.ArgumentParser(prog="python -m plan", description=__doc__)
    parser.add_argument("stack", metavar="STACK", help="which stack: the part of Pulumi.STACK.yaml")
    parser.add_argument("--json", action="store_true", help="every resource with its inputs, secrets masked, as JSON")
    parser.add_argument("--preview", action="store_true", help="as before the first deployment: no output is known")
    options = parser.parse_args(arguments)
    deployment = plan_stack(options.stack, preview=options.preview)
    print(to_json(deployment))
    return 0


if __name__ == "__main__":
    sys.exit(main())
