"""What docs/operations.md says of Secrets and ConfigMaps is what the charts make of them. Needs both charts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from plan.program import CHECKOUT
from tests.program.conftest import planned
from tests.program.judges.manifests import PodTemplate, by_kind, references
from tests.program.judges.plain import items
from tests.program.rendered import airflow_manifests, airflow_pods, keda_pods

STACK = "prod"
PAGE = CHECKOUT / "docs/operations.md"
EVERY = "every pod of Airflow"
OTHERS = {"amazon-vpc-cni"}
"""Read by what AWS runs."""


class Row(NamedTuple):
    """One line of the table."""

    object: str
    readers: str
    how: str
    change: str


def rows() -> dict[str, Row]:
    table = PAGE.read_text(encoding="utf-8").partition("\n## What a change of a Secret")[2].partition("\n## ")[0]
    found = [Row(*each) for each in re.findall(r"(?m)^\| (\w+ `[^`]+`) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", table)]
    return {row.object: row for row in found}


def objects() -> dict[str, str]:
    """All that the program and Airflow's chart make, as the table calls them, and their kinds."""
    made = {
        (each.type.rpartition(":")[2], each.plain_inputs["metadata"]["name"])
        for token in ("Secret", "ConfigMap")
        for each in planned(STACK).of_type(f"kubernetes:core/v1:{token}")
    }
    made |= {("ConfigMap", name) for name in by_kind(airflow_manifests(STACK), "ConfigMap")}
    return {f"{kind} `{name}`": name for kind, name in made}


def ways(pod: PodTemplate, name: str) -> Iterator[str]:
    """How a pod reads an object: as its environment, as a folder that follows changes, as a file that does not."""
    for _, container in pod.containers():
        volumes = {each["name"] for each in items(pod.spec, "volumes") if each.get("configMap", {}).get("name") == name}
        for mount in items(container, "volumeMounts"):
            if mount["name"] in volumes:
                yield "file" if mount.get("subPath") else "folder"
        for variable in items(container, "env"):
            if variable.get("valueFrom", {}).get("secretKeyRef", {}).get("name") == name:
                yield "environment"


def test_the_table_names_them_all() -> None:
    """Every Secret and ConfigMap has a row, and every row is about one."""
    assert set(rows()) == set(objects())


@pytest.mark.parametrize("what", sorted(set(rows()) - {f"ConfigMap `{name}`" for name in OTHERS}))
def test_the_table_says_who_reads_it_and_how(what: str) -> None:
    """Readers and ways are those of the rendered pods."""
    row, name = rows()[what], objects()[what]
    pods = [*airflow_pods(STACK), *keda_pods(STACK)]
    reading = [pod for pod in pods if name in {each.name for each in references(pod)}]
    labels = {pod.labels.get("component") or pod.labels["app"] for pod in reading}
    everybody = {pod.labels["component"] for pod in airflow_pods(STACK)}
    readers = [EVERY, *sorted(labels - everybody)] if everybody <= labels else sorted(labels)
    assert row.readers == ", ".join(readers)
    assert {way for pod in reading for way in ways(pod, name)} == {row.how}


@pytest.mark.parametrize("what", sorted(rows()))
def test_what_is_read_once_rolls_its_readers(what: str) -> None:
    """Whoever reads an environment or a single file is made anew by a hash among its annotations; the table says so."""
    row, name = rows()[what], objects()[what]
    hashes = {"environment": "checksum/alisio-secrets", "file": "checksum/airflow-config"}
    assert row.change.startswith("rolls all pods" if row.how in hashes or name == "alisio-runtime" else "rolls none")
    needed = hashes.get(row.how) or ("checksum/alisio-runtime" if name == "alisio-runtime" else None)
    for pod in airflow_pods(STACK):
        if needed and pod.owner.startswith("Deployment/"):
            assert needed in pod.annotations, pod.owner
