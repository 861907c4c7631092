"""Pulumi.yaml asks for nothing that its users do not have."""

from __future__ import annotations

import re

from settings.stack_file import read_yaml
from tests.engine.programs import CHECKOUT


def test_the_type_checker_comes_with_the_program() -> None:
    """The language host refuses to run a program whose type checker is not installed, and runs it before each preview.

    https://www.pulumi.com/docs/iac/languages-sdks/python/#type-checking
    """
    options = read_yaml(CHECKOUT / "Pulumi.yaml")["runtime"]["options"]
    requirements = (CHECKOUT / "requirements.txt").read_text(encoding="utf-8")
    installed = set(re.findall(r"^([\w-]+)==", requirements, re.MULTILINE))
    assert {options.get("typechecker")} - {None} <= installed
