"""Stacks by the Automation API with a program of one's own: `python -m tests.engine.inline FOLDER STACK ...`.

All stacks are updated at once, each in a thread. A line of JSON for each says what came of it.
"""

from __future__ import annotations

import importlib
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import Any

import pulumi
from pulumi import automation as auto

from components.data_store import DataStore
from components.network import Network
from settings.load import load


def program() -> None:
    """A network of ours with a database in it, and nothing else."""
    stack = load()
    site, chosen = stack.site, stack.settings
    network = Network(f"{site.prefix}-network", chosen.network, site)
    data_store = DataStore(f"{site.prefix}-data-store", chosen.data_store, network, site)
    pulumi.export("stack", site.stack)
    pulumi.export("uri", data_store.uri)


def update(folder: str, name: str) -> dict[str, Any]:
    options = auto.LocalWorkspaceOptions(work_dir=folder)
    stack = auto.create_or_select_stack(name, project_name="alisio", program=program, opts=options)
    first, second = stack.up(), stack.up()
    return {
        "stack": first.outputs["stack"].value,
        "secret": first.outputs["uri"].secret,
        "changes": [each.summary.resource_changes for each in (first, second)],
    }


def load_all() -> None:
    """Before there are threads: the SDK loads a module at its first use, and a second thread would see half of it."""
    for module in ("cloudwatch", "ec2", "iam", "kms", "rds", "vpc"):
        # Any attribute but those of introspection ends the laziness: pulumi._utils._LazyModule.
        hasattr(importlib.import_module(f"pulumi_aws.{module}"), "loaded")


def main(folder: str, *stacks: str) -> None:
    load_all()
    with ThreadPoolExecutor() as threads:
        for found in threads.map(update, repeat(folder), stacks):
            print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
