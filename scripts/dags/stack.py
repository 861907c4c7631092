"""What a stack says about its DAGs: who publishes them, and the name of the bucket."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast, get_args

from refused import FAILED, Refused
from settings import Dags, Stack
from settings.reading import read
from settings.stack_file import PROJECT, configuration, namespace, stack_file

CHECKOUT = Path(__file__).parents[2]
SETTING = "alisio:airflow.dags.publisher"
PUBLISHER = Dags.model_fields["publisher"]
LOCAL = {"local": "alisio-local-dags"}
"""The local platform has no Pulumi state. Its buckets are named like those on AWS."""


def owner(stack: str) -> str:
    """Who publishes: `pulumi`, unless the stack says otherwise."""
    path = stack_file(CHECKOUT, stack)
    dags = _mapping(_mapping(configuration(path).get("alisio:airflow")).get("dags"))
    publisher = dags.get("publisher", PUBLISHER.get_default())
    allowed = get_args(PUBLISHER.annotation)
    if publisher not in allowed:
        raise Refused(f"{path.name}: {SETTING} is {publisher!r}; allowed are {' and '.join(allowed)}")
    return publisher


def must_own(stack: str) -> None:
    """Refuse if `pulumi up` publishes: its next run would undo what is published here."""
    if owner(stack) == "command":
        return
    file = stack_file(CHECKOUT, stack).name
    raise Refused(
        f"`pulumi up` publishes the DAGs of {stack}: its next run would undo this.\n"
        f"To publish with this command instead, say so in {file}, and run `pulumi up` once:\n"
        "  alisio:airflow:\n    dags: { publisher: command }"
    )


def region(stack: str) -> str | None:
    """The stack's region, if its file names one."""
    return configuration(stack_file(CHECKOUT, stack)).get("aws:region")


def settings(stack: str) -> Stack:
    """All settings of a stack. A wrong one is refused with every mistake, as `pulumi up` does."""
    path = stack_file(CHECKOUT, stack)
    config = {key: without_secrets(value) for key, value in configuration(path).items()}
    return read(project=PROJECT, stack=stack, own=namespace(config, PROJECT), aws=namespace(config, "aws"))


def without_secrets(value: Any) -> Any:
    """The value with a text in place of each `secure: …`, which only Pulumi can decrypt."""
    match value:
        case {"secure": str(), **rest} if not rest:
            return "secret"
        case dict():
            return {key: without_secrets(each) for key, each in cast("dict[str, Any]", value).items()}
        case list():
            return [without_secrets(each) for each in cast("list[Any]", value)]
        case _:
            return value


def bucket(stack: str) -> str:
    """The bucket's name, from the stack's outputs."""
    try:
        return outputs(stack)["dagBucket"]
    except KeyError:
        raise Refused(f"{stack} has no output dagBucket; run `pulumi up`, or name it with --bucket") from None


@cache
def outputs(stack: str) -> Mapping[str, str]:
    """What `pulumi up` exported of a stack."""
    if stack in LOCAL:
        return {"dagBucket": LOCAL[stack]}
    if not shutil.which("pulumi"):
        raise Refused("pulumi is not on PATH, so the bucket is not known; name it with --bucket")
    command = ["pulumi", "stack", "output", "--json", "--stack", stack]
    try:
        asked = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True, timeout=60)
        return {name: str(value) for name, value in json.loads(asked.stdout).items()}
    except subprocess.CalledProcessError as error:
        raise Refused(f"`{' '.join(command)}` failed: {error.stderr.strip()}\nOr name it with --bucket") from None
    except subprocess.TimeoutExpired:
        raise Refused(f"`{' '.join(command)}` gave no answer for 60 s; name it with --bucket", status=FAILED) from None
    except (ValueError, AttributeError):
        raise Refused(f"`{' '.join(command)}` gave no outputs; run `pulumi up`, or name it with --bucket") from None


def _mapping(value: object) -> dict[str, Any]:
    """The value, if it is a mapping. Other mistakes in the file are reported by the plan and by `pulumi up`."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
