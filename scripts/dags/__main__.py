"""`python -m scripts.dags publish|list|diff|rollback|prune STACK`."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 failed or lost against somebody else, 2 refused before anything was touched."""
    try:
        import console
        from scripts.dags.commands import app
    except ImportError as error:
        # A job in CI may start with a bare Python, which cannot load the console.
        print(f"{error}\n  -> python -m pip install -r scripts/dags/requirements.txt", file=sys.stderr)
        return 2
    return console.run(app, "python -m scripts.dags", arguments)


if __name__ == "__main__":
    sys.exit(main())
