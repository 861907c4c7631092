"""What a stack says about its DAGs: who owns the pointer, and where the bucket is."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, cast

from scripts.dags.refused import FAILED, RefusedError

CHECKOUT = Path(__file__).parents[2]
SETTING = "alisio:airflow.dags.publisher"
PUBLISHERS = ("pulumi", "command")
LOCAL = {"local": "alisio-local-dags"}
"""The local platform has no Pulumi state to ask; its buckets are named like those on AWS."""


def owner(stack: str) -> str:
    """Who publishes: `pulumi` unless the stack says otherwise."""
    path = CHECKOUT / f"Pulumi.{stack}.yaml"
    dags = _mapping(_mapping(_config(path).get("alisio:airflow")).get("dags"))
    publisher = dags.get("publisher", PUBLISHERS[0])
    if publisher not in PUBLISHERS:
        raise RefusedError(f"{path.name}: {SETTING} is {publisher!r}; allowed are {' and '.join(PUBLISHERS)}")
    return publisher


def must_own(stack: str) -> None:
    """Refuse where `pulumi up` owns the pointer: it would undo at its next run what is published here."""
    if owner(stack) == "command":
        return
    raise RefusedError(
        f"`pulumi up` publishes the DAGs of {stack}: its next run would undo this.\n"
        f"To publish with this command instead, say so in Pulumi.{stack}.yaml, and run `pulumi up` once:\n"
        "  alisio:airflow:\n    dags: { publisher: command }"
    )


def region(stack: str) -> str | None:
    """The stack's region, where its file names one."""
    return _config(CHECKOUT / f"Pulumi.{stack}.yaml").get("aws:region")


def bucket(stack: str) -> str:
    """The bucket's name, from the stack's outputs."""
    if stack in LOCAL:
        return LOCAL[stack]
    if not shutil.which("pulumi"):
        raise RefusedError("pulumi is not on PATH, so nobody can say which bucket it is; name it with --bucket")
    command = ["pulumi", "stack", "output", "--json", "--stack", stack]
    try:
        asked = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True, timeout=60)
        return str(json.loads(asked.stdout)["dagBucket"])
    except subprocess.CalledProcessError as error:
        raise RefusedError(f"`{' '.join(command)}` failed: {error.stderr.strip()}\nOr name it with --bucket") from None
    except subprocess.TimeoutExpired:
        raise RefusedError(
            f"`{' '.join(command)}` gave no answer for 60 s; name it with --bucket", status=FAILED
        ) from None
    except (ValueError, KeyError):
        raise RefusedError(f"{stack} has no output dagBucket; run `pulumi up`, or name it with --bucket") from None


def _config(path: Path) -> dict[str, Any]:
    import yaml

    try:
        loaded: Any = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        known = sorted(found.name.split(".")[1] for found in CHECKOUT.glob("Pulumi.*.yaml"))
        raise RefusedError(f"there is no {path.name}; stacks here: {', '.join(known) or 'none'}") from None
    except yaml.YAMLError as error:
        raise RefusedError(f"{path.name} is no YAML: {error}") from None
    return _mapping(_mapping(loaded).get("config"))


def _mapping(value: object) -> dict[str, Any]:
    """What else is wrong with the file `pulumi up` says, and the plan."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
