"""The commands of AWS's and Airflow's command lines that pages tell people to type, by the programs' own models."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from tests.commands import CHECKOUT, Command, commands

# https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html, and of single commands.
GLOBAL = {"--cli-input-json", "--output", "--query", "--region"}
OURS = ("scripts.dags", "local", "bench.dags", "bench.task_rate")
"""Modules of ours that run in this environment, and are told something."""


def aws() -> list[Command]:
    return [each for each in commands("aws") if len(each.words) > 2]


ALIASES = {"s3api": "s3"}


@cache
def model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(ALIASES.get(service, service))


def operation(command: Command) -> Any:
    """The operation behind a command; that of a waiter is the one it asks again and again."""
    service, name, *rest = command.words[1:]
    if name == "wait":
        waiters = botocore.session.get_session().get_waiter_model(service)
        found = {xform_name(each, "-"): each for each in waiters.waiter_names}
        return model(service).operation_model(waiters.get_waiter(found[rest[0]]).operation)
    names = {xform_name(each, "-"): each for each in model(service).operation_names}
    assert name in names, f"{service} has no {name}"
    return model(service).operation_model(names[name])


@pytest.mark.parametrize("command", aws(), ids=str)
def test_aws_knows_the_command_and_its_options(command: Command) -> None:
    """Service, operation and each option exist; `--no-` stands before what is true or false."""
    members = operation(command).input_shape.members
    options = {f"--{xform_name(name, '-')}" for name in members}
    booleans = {f"--no-{xform_name(name, '-')}" for name, shape in members.items() if shape.type_name == "boolean"}
    assert command.options - options - booleans - GLOBAL == set()


def test_a_restore_says_what_would_be_a_default_of_the_account() -> None:
    """Subnets, security group and parameter group come from the old instance, and the protection is named."""
    (restore,) = [each for each in aws() if each.words[2].startswith("restore-db-instance")]
    assert restore.options >= {
        "--db-subnet-group-name", "--db-parameter-group-name", "--vpc-security-group-ids",
        "--no-publicly-accessible", "--deletion-protection",
    }  # fmt: skip


def airflow() -> list[tuple[str, ...]]:
    """Commands of Airflow's command line: those of a pod, and those of the page itself."""
    inside = [each.words[each.words.index("--") + 1 :] for each in commands("kubectl") if "--" in each.words]
    return [
        words
        for words in [*inside, *(each.words for each in commands("airflow"))]
        if words[0] == "airflow" and words[1:]
    ]


@pytest.mark.parametrize("words", airflow(), ids=" ".join)
def test_airflow_knows_the_command(words: tuple[str, ...]) -> None:
    """Airflow's own parser takes it."""
    from airflow.cli.cli_parser import get_parser

    get_parser().parse_args(words[1:])


def test_python_that_runs_in_a_pod_finds_what_it_imports() -> None:
    """A script of a page is Python, and each name that it imports exists in Airflow."""
    scripts = [each.words[-1] for each in commands("kubectl") if "python" in each.words]
    assert scripts
    for script in scripts:
        for node in ast.walk(ast.parse(script)):
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(str(node.module))
                assert all(hasattr(module, name.name) for name in node.names), ast.unparse(node)


def told() -> list[Command]:
    found = [
        each for each in commands("python") if each.words[1] == "-m" and each.words[2] in OURS and len(each.words) > 3
    ]
    return list({each.words: each for each in found}.values())


@pytest.mark.parametrize("command", told(), ids=str)
def test_our_commands_know_their_options(command: Command) -> None:
    """The command's help names it, and each option that a page gives it."""
    done = subprocess.run(
        [sys.executable, *command.words[1:4], "--help"],
        cwd=CHECKOUT, text=True, capture_output=True, check=False, env={"COLUMNS": "200", "PATH": "", "NO_COLOR": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [
        word for word in command.words if word.strip("[").startswith("--") and word.strip("[]") not in done.stdout
    ] == []
