"""What a change of a setting touches: exactly the expected resources, and nothing that holds state is replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from settings.stack_file import read_yaml
from tests.engine.conftest import Life

pytestmark = pytest.mark.engine

REPLACING = {"replace", "create-replacement", "delete-replaced"}
DASHBOARD = "monitoring"
# Setting -> value, and what is touched, by the logical name without the stack's prefix. The thresholds of alarms follow
# what they are about, and so do the lines in the dashboard.
CHANGES: dict[str, tuple[dict[str, Any], dict[str, set[str]]]] = {
    "a larger database": (
        {"alisio:dataStore.instanceClass": "db.m8g.2xlarge"},
        {"update": {"data-store-instance", "monitoring-database-connections", "monitoring-database-memory", DASHBOARD}},
    ),
    "more storage": (
        {"alisio:dataStore.storageGib": 200},
        {"update": {"data-store-instance", "monitoring-database-storage", DASHBOARD}},
    ),
    "longer backups": ({"alisio:dataStore.backupDays": 35}, {"update": {"data-store-instance"}}),
    # Redis works on one core, so of more cores one is a smaller part.
    "a larger broker": (
        {"alisio:cache.nodeType": "cache.m7g.xlarge"},
        {"update": {"cache", "monitoring-broker-cpu.001", "monitoring-broker-cpu.002", DASHBOARD}},
    ),
    "longer logs of the control plane": ({"alisio:cluster.logDays": 400}, {"update": {"control-plane"}}),
    "another network that reaches the cluster": (
        {"alisio:cluster.publicAccessCidrs": ["198.51.100.0/24"]},
        {"update": {"eksCluster"}},
    ),
    "a new Fernet key": (
        {"alisio:airflow.fernetKeys": ["next", "first"]},
        {"create": {"airflow-fernet-next"}, "update": {"airflow-fernet", "airflow"}},
    ),
    "more schedulers": (
        {"alisio:airflow.scheduler": {"replicas": 3, "cpu": "1", "memory": "2Gi"}},
        {"update": {"airflow", "monitoring-fewer-schedulers"}},
    ),
}


@pytest.fixture
def prod(lives: Callable[[str], Life]) -> Iterator[Life]:
    """The stack `prod`, whose file is as before when the test is over."""
    life = lives("prod")
    file = life.stage.project.stack_file("prod")
    before = file.read_text(encoding="utf-8")
    yield life
    file.write_text(before, encoding="utf-8")


def short(touched: dict[str, set[str]]) -> dict[str, set[str]]:
    return {op: {name.removeprefix("alisio-prod-") for name in names} for op, names in touched.items()}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_touches_what_it_is_about(prod: Life, what: str) -> None:
    """No other resource is updated, and none is replaced."""
    overrides, expected = CHANGES[what]
    prod.stage.project.configure("prod", overrides)
    outcome = prod.stage.engine.preview("prod")
    assert outcome.code == 0, outcome.output
    assert short(outcome.touched) == expected


def test_a_new_worker_group_brings_its_own_role_and_nothing_else(prod: Life) -> None:
    """Its role, its policies, its identity and the alarm on its queue are created; the release is updated, and the
    dashboard.
    """
    file = prod.stage.project.stack_file("prod")
    groups = read_yaml(file)["config"]["alisio:airflow"]["workerGroups"]
    more = [*groups, {"name": "extra", "concurrency": 2, "minWorkers": 0, "maxWorkers": 2, "dataPrefixes": ["lake/"]}]
    prod.stage.project.configure("prod", {"alisio:airflow.workerGroups": more})
    outcome = prod.stage.engine.preview("prod")
    assert outcome.code == 0, outcome.output
    touched = short(outcome.touched)
    assert set(touched) == {"create", "update"}, touched
    assert "airflow-worker-extra-own" in touched["create"]
    of_its_own = ("airflow-worker-extra", "monitoring-oldest-queued.extra")
    assert all(name.startswith(of_its_own) for name in touched["create"]), touched
    assert touched["update"] == {"airflow", DASHBOARD}
