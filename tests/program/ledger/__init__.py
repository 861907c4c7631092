"""Every URN of each stack, in a file: a rename or a new parent replaces what is in the cloud, and shows here first.

`python -m tests.program.ledger` writes the files anew. Read the difference before you commit it: a line that goes
away is a resource that will be deleted.
"""

from __future__ import annotations

from pathlib import Path

from plan import Deployment

FOLDER = Path(__file__).parent
STACKS = ("dev", "prod")
DAG_FILE = "aws:s3/bucketObjectv2:BucketObjectv2"
"""Not in the ledger: DAGs come and go."""


def entries(deployment: Deployment) -> list[str]:
    """The URNs of a stack, but those of DAG files, in the order of the alphabet."""
    return sorted(resource.urn for resource in deployment.resources if resource.type != DAG_FILE)


def path(stack: str) -> Path:
    return FOLDER / f"{stack}.txt"


def recorded(stack: str) -> list[str]:
    return path(stack).read_text(encoding="utf-8").splitlines()
