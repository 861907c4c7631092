"""Every URN of each stack, in a file: a rename or a new parent replaces what is in the cloud, and shows here first.

`python -m tests.program.ledger` writes the files anew. Read the difference before you commit it: a line that goes
away is a resource that will be deleted.
"""

from __future__ import annotations

from pathlib import Path

from plan import Deployment

FOLDER = Path(__file__).parent
STACKS = ("dev", "prod")
LEFT_OUT = {
    # DAGs come and go.
    "aws:s3/bucketObjectv2:BucketObjectv2",
    # Dozens, which follow from the settings. One that is made anew loses its history, and nothing that is needed.
    "aws:cloudwatch/metricAlarm:MetricAlarm",
}
"""Not in the ledger."""


def entries(deployment: Deployment) -> list[str]:
    """The URNs of a stack, but those of DAG files and alarms, in the order of the alphabet."""
    return sorted(resource.urn for resource in deployment.resources if resource.type not in LEFT_OUT)


def path(stack: str) -> Path:
    return FOLDER / f"{stack}.txt"


def recorded(stack: str) -> list[str]:
    return path(stack).read_text(encoding="utf-8").splitlines()
