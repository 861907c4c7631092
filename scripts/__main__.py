"""`python -m scripts up|preview|destroy|doctor STACK`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from plan import PlanError
from scripts.doctor import examine, failures
from scripts.operations import RefusedError, destroy, preview, up
from settings import SettingsError


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 failed in the cloud, 2 refused before anything was touched."""
    parser = argparse.ArgumentParser(prog="python -m scripts", description="The platform's life in AWS.")
    parser.add_argument("operation", choices=["up", "preview", "destroy", "doctor"])
    parser.add_argument("stack", help="name of a Pulumi.<stack>.yaml")
    parser.add_argument("--yes", action="store_true", help="do not ask before changing anything")
    chosen = parser.parse_args(arguments)
    try:
        checks = examine(chosen.stack)
        print("\n".join(str(check) for check in checks))
        if failures(checks):
            return 2
        match chosen.operation:
            case "preview":
                preview(chosen.stack)
            case "up":
                up(chosen.stack, ask=not chosen.yes)
            case "destroy":
                destroy(chosen.stack, ask=not chosen.yes)
            case _:
                pass
    except (SettingsError, PlanError, RefusedError) as error:
        print(error, file=sys.stderr)
        return error.status if isinstance(error, RefusedError) else 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
