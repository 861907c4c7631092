"""Each folder of tests has its virtual environment. In another one the tests end at once, with one line."""

from __future__ import annotations

from importlib.util import find_spec


def want(*packages: str, environment: str, target: str) -> None:
    """End the run unless the packages are there. Whoever skipped instead would take a run of nothing for a good one."""
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise SystemExit(f"these tests run in {environment}, by `make {target}`: {', '.join(missing)} is not installed")
