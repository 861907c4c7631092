"""The program, run in memory for each stack, as an update and as a preview; each run once a session."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.prerequisites import want

want("helm_python", "hypothesis", environment=".venv", target="test-program")

# An Output in an f-string is an error instead of a text that says so: https://www.pulumi.com/docs/iac/concepts/inputs-outputs/
os.environ["PULUMI_ERROR_OUTPUT_STRING"] = "1"

from plan import Deployment, plan_stack
from plan.values import release

pytest_plugins = ["pytester", "tests.skips"]

CHECKOUT = Path(__file__).parents[2]


@cache
def planned(stack: str, *, preview: bool = False) -> Deployment:
    """A stack as its file says."""
    return plan_stack(stack, preview=preview)


@pytest.fixture(scope="session")
def prod() -> Deployment:
    """The stack `prod` after an update: every output is known."""
    return planned("prod")


@pytest.fixture(scope="session")
def dev() -> Deployment:
    """The stack `dev` after an update."""
    return planned("dev")


@pytest.fixture(scope="session", params=["dev", "prod"])
def stack(request: pytest.FixtureRequest) -> Deployment:
    """Each stack in turn, after an update."""
    return planned(str(request.param))


@pytest.fixture(
    scope="session",
    params=[("dev", False), ("dev", True), ("prod", False), ("prod", True)],
    ids=["dev-update", "dev-preview", "prod-update", "prod-preview"],
)
def any_run(request: pytest.FixtureRequest) -> Deployment:
    """Each stack in turn, updated and previewed."""
    name, preview = request.param
    return planned(name, preview=preview)


@pytest.fixture(scope="session")
def values(stack: Deployment) -> dict[str, Any]:
    """The Helm values of Airflow, of each stack in turn."""
    return release(stack).plain_inputs["values"]
