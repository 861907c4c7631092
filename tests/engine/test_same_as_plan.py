"""`plan` tells the truth: what it shows is what the real engine records. Any difference is a fault of `plan`."""

from __future__ import annotations

import pytest

from plan import plan_stack
from tests.engine.conftest import Life
from tests.engine.state import INSIDE_COMPONENT, differing_inputs, planned, recorded

pytestmark = pytest.mark.engine


def test_the_engine_registers_what_the_plan_shows(life: Life) -> None:
    """The same URNs, but for the engine's own providers and for what the plugin of EKS makes inside its component."""
    deployment = plan_stack(life.name)
    engine = {
        each["urn"] for each in life.resources if "::default" not in each["urn"] and INSIDE_COMPONENT not in each["urn"]
    }
    assert engine == set(deployment.by_urn)


def test_the_graph_is_the_plans(life: Life) -> None:
    """Parents, dependencies, providers, protection and options of every resource are as planned."""
    deployment = plan_stack(life.name)
    engine = {each["urn"]: recorded(each) for each in life.resources if each["urn"] in deployment.by_urn}
    plan = {urn: planned(resource) for urn, resource in deployment.by_urn.items()}
    assert engine == plan


def test_the_inputs_are_the_plans(life: Life) -> None:
    """Every input of every resource has the value and the secrecy that the plan shows."""
    deployment = plan_stack(life.name)
    found = {
        each["urn"]: differing_inputs(each, deployment.by_urn[each["urn"]])
        for each in life.resources
        if each["urn"] in deployment.by_urn
    }
    assert {urn: paths for urn, paths in found.items() if paths} == {}


def test_the_exports_are_the_plans(life: Life) -> None:
    """`pulumi stack output` shows what the plan shows."""
    stack = next(each for each in life.resources if each["type"] == "pulumi:pulumi:Stack")
    assert stack["outputs"] == dict(plan_stack(life.name).outputs)
