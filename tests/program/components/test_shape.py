"""The shape of a component, asked of the source: docs/architecture.md, "The contract of a component"."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pulumi
import pytest

from plan.program import CHECKOUT

COMPONENTS = sorted((CHECKOUT / "components").glob("[!_]*.py"))
PARTS = sorted((CHECKOUT / "components/parts").glob("[!_]*.py"))
MOST = 5
"""Collaborators of a component."""
SDKS = ("aws", "eks", "kubernetes", "random")
"""Names under which the providers' SDKs are imported."""


def component_of(file: Path) -> type[pulumi.ComponentResource]:
    """The component that a file holds, which is the only one."""
    module = importlib.import_module(f"components.{file.stem}")
    found = [each for each in vars(module).values() if is_component(each) and each.__module__ == module.__name__]
    assert len(found) == 1, f"{file.name} holds {len(found)} components"
    return found[0]


def is_component(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, pulumi.ComponentResource)


def functions(file: Path) -> Iterator[ast.FunctionDef]:
    """The functions at the top level of a file."""
    yield from (node for node in ast.parse(file.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef))


def called(function: ast.FunctionDef) -> set[str]:
    """What a function calls: `aws.kms.Key`, `encryption_key`."""
    return {ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}


def is_resource(call: str) -> bool:
    """Whether a call makes a resource of a provider."""
    steps = call.split(".")
    return steps[0] in SDKS and steps[-1][0].isupper()


def makers() -> dict[str, ast.FunctionDef]:
    """The functions of components/parts that make resources, by themselves or through one another."""
    known = {f"{file.stem}.{function.name}": function for file in PARTS for function in functions(file)}
    making = {name for name, function in known.items() if any(map(is_resource, called(function)))}
    while True:
        # A helper is imported by its name, or with its module: `open_port`, `routes.public`.
        names = making | {name.partition(".")[2] for name in making}
        more = {name for name, function in known.items() if called(function) & names} - making
        if not more:
            return {name: known[name] for name in sorted(making)}
        making |= more


MAKERS = makers()


@pytest.mark.parametrize("file", COMPONENTS, ids=lambda file: file.stem)
def test_a_component_has_at_most_five_collaborators(file: Path) -> None:
    """One that needs more has two jobs: make it two components."""
    hints = get_type_hints(component_of(file).__init__)
    collaborators = [name for name, kind in hints.items() if is_component(kind) and kind.__module__ != "pulumi"]
    assert len(collaborators) <= MOST, collaborators


@pytest.mark.parametrize("file", COMPONENTS, ids=lambda file: file.stem)
def test_a_component_takes_a_name_first_and_opts_last(file: Path) -> None:
    """Every constructor reads the same, and the caller's options are a keyword."""
    _, first, *_, last = inspect.signature(component_of(file).__init__).parameters.values()
    assert first.name == "name"
    assert (last.name, last.kind) == ("opts", inspect.Parameter.KEYWORD_ONLY)


@pytest.mark.parametrize("file", COMPONENTS, ids=lambda file: file.stem)
def test_a_component_has_no_base_class_of_ours(file: Path) -> None:
    """A reader of one file has seen all of the component, and nobody derives from it."""
    component = component_of(file)
    assert component.__bases__ == (pulumi.ComponentResource,)
    assert getattr(component, "__final__", False)


@pytest.mark.parametrize("file", [*COMPONENTS, CHECKOUT / "components/parts/pod_role.py"], ids=lambda file: file.stem)
def test_the_type_token_is_a_literal(file: Path) -> None:
    """It does not follow the class's name, so that renaming the class replaces nothing."""
    calls = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    (made,) = [call for call in calls if ast.unparse(call.func) == "super().__init__"]
    token = made.args[0]
    assert isinstance(token, ast.Constant)
    assert str(token.value).startswith("alisio:")


def test_the_makers_are_found() -> None:
    """The test below looks at more than nothing."""
    assert {"encryption.encryption_key", "hardened_bucket.hardened_bucket", "security_groups.open_port"} <= set(MAKERS)


@pytest.mark.parametrize("name", MAKERS)
def test_helpers_that_make_resources_take_opts(name: str) -> None:
    """Whose child a resource is, is for the caller to say: as a keyword, which cannot be left out."""
    arguments = MAKERS[name].args
    defaults = dict(zip([each.arg for each in arguments.kwonlyargs], arguments.kw_defaults, strict=True))
    assert "opts" in defaults
    assert defaults["opts"] is None
