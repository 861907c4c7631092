"""docs/accepted-findings.md names every finding in the charts as they are installed, and no other. Needs the charts."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import NamedTuple

import pytest

from chart import queue_probe
from plan import plan_stack
from plan.program import CHECKOUT
from tests.program.judges.hardening import Finding, findings
from tests.program.judges.manifests import pod_templates
from tests.program.rendered import airflow_chart_with, airflow_manifests, chart_values, keda_manifests

PAGE = CHECKOUT / "docs/accepted-findings.md"
STACKS = ("dev", "prod")


class Row(NamedTuple):
    """One finding that stays. A row without a reason is none."""

    rule: str
    where: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        return self.rule == finding.rule and fnmatchcase(finding.where, self.where)


def rows() -> list[Row]:
    pods = PAGE.read_text(encoding="utf-8").partition("\n## Pods\n")[2].partition("\n## ")[0]
    return [Row(*found) for found in re.findall(r"(?m)^\| `([a-z-]+)` \| [^|]+ \| `([^`]+)` \| ([^|]+) \|$", pods)]


def found(stack: str) -> list[Finding]:
    return findings([*airflow_manifests(stack), *keda_manifests(stack)])


@pytest.mark.parametrize("stack", STACKS)
def test_every_finding_is_accepted_with_a_reason(stack: str) -> None:
    """Nothing that a scanner would find in a pod is there without a row that says why."""
    accepted = rows()
    assert len(accepted) > 10
    assert [each for each in found(stack) if not any(row.covers(each) for row in accepted)] == []


def test_no_row_outlives_its_finding() -> None:
    """A row that covers nothing any more goes: it would hide the next finding of its kind."""
    everything = [each for stack in STACKS for each in found(stack)]
    assert [row for row in rows() if not any(row.covers(each) for each in everything)] == []


def test_no_container_can_write_to_its_image() -> None:
    """Every container has a read-only root, and Airflow's have an empty folder at /tmp; none is accepted without.

    The one that looks into queues has no folder at all: it writes nothing.
    """
    assert "writable-root" not in {row.rule for row in rows()}
    for stack in STACKS:
        assert [each for each in found(stack) if each.rule == "writable-root"] == []
        for pod in pod_templates(airflow_manifests(stack)):
            empty = {each["name"] for each in pod.spec["volumes"] if "emptyDir" in each}
            for path, container in pod.containers():
                mounts = {each["mountPath"] for each in container["volumeMounts"] if each["name"] in empty}
                assert ("/tmp" in mounts) == (container["name"] != queue_probe.NAME), f"{pod.owner} {path}"
                assert mounts <= {"/tmp", "/opt/airflow/logs"}, f"{pod.owner} {path}"
            assert all(each["emptyDir"].get("sizeLimit") for each in pod.spec["volumes"] if "emptyDir" in each)


def test_a_digest_pins_every_container_of_airflow() -> None:
    """With `airflow.image.digest` no pod runs another image, Flower's neither, whose template knows no digest."""
    digest = f"sha256:{'0a' * 32}"
    pinned = plan_stack("dev", config_overrides={"airflow": {"image": {"digest": digest}}})
    manifests = airflow_chart_with(chart_values(pinned))
    images = {container["image"] for pod in pod_templates(manifests) for _, container in pod.containers()}
    assert images == {f"apache/airflow:3.3.2@{digest}"}
    assert {"image-without-digest", "image-not-pulled"} & {each.rule for each in findings(manifests)} == set()
