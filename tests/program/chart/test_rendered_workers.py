"""Worker groups as Airflow's chart would install them: each scales, works and stops on its own. Needs AIRFLOW_CHART."""

from __future__ import annotations

import pytest

from plan import plan_stack
from tests.program.judges.manifests import PodTemplate, by_kind, pod_templates
from tests.program.rendered import airflow_chart_with, airflow_manifests, airflow_pods, chart_values

STACKS = pytest.mark.parametrize("name", ["dev", "prod"])
WORKERS = {"dev": {"main": "default"}, "prod": {"main": "default", "bulk": "bulk"}}


def workers(name: str) -> dict[str, PodTemplate]:
    return {pod.labels["worker-set"]: pod for pod in airflow_pods(name) if pod.labels.get("component") == "worker"}


@STACKS
def test_each_group_scales_on_its_own_queue(name: str) -> None:
    """KEDA counts, for each worker set, the tasks of the queue that this set's workers serve."""
    scalers = by_kind(airflow_manifests(name), "ScaledObject")
    assert len(scalers) == len(WORKERS[name])
    for group, queue in WORKERS[name].items():
        scaler = scalers[f"airflow-worker-{group}"]["spec"]
        (trigger,) = scaler["triggers"]
        assert scaler["scaleTargetRef"]["name"] == f"airflow-worker-{group}"
        assert trigger["type"] == "postgresql"
        assert trigger["metadata"]["query"].endswith(f"AND queue = '{queue}'")
        assert "state IN ('queued', 'running')" in trigger["metadata"]["query"]
        worker = next(each for _, each in workers(name)[group].containers() if each["name"] == "worker")
        variables = {each["name"]: each.get("value") for each in worker["env"]}
        assert worker["args"][-1].endswith(f" -q {queue}")
        assert f"::decimal / {variables['AIRFLOW__CELERY__WORKER_CONCURRENCY']})" in trigger["metadata"]["query"]
        assert trigger["metadata"]["connectionFromEnv"] in variables


def test_a_queue_called_default_is_served_by_its_own_group() -> None:
    """Whatever the order of groups, each one's workers serve its queue, and that one alone."""
    groups = [{"name": "first", "queue": "fast"}, {"name": "second", "queue": "default"}]
    deployment = plan_stack("dev", config_overrides={"airflow": {"workerGroups": groups}})
    commands = {
        pod.labels["worker-set"]: container["args"][-1].split()
        for pod in pod_templates(airflow_chart_with(chart_values(deployment)))
        if pod.labels["component"] == "worker"
        for container in pod.spec["containers"]
        if container["name"] == "worker"
    }
    assert {group: command[-2:] for group, command in commands.items()} == {
        "first": ["-q", "fast"],
        "second": ["-q", "default"],
    }


@STACKS
def test_a_stopped_worker_may_finish(name: str) -> None:
    """Its grace is the group's, its shell hands the signal on, and nodes are not taken from under it."""
    grace = {"dev": {"main": 3600}, "prod": {"main": 7200, "bulk": 1800}}[name]
    for group, pod in workers(name).items():
        worker = next(each for _, each in pod.containers() if each["name"] == "worker")
        variables = {each["name"]: each.get("value") for each in worker["env"]}
        assert pod.spec["terminationGracePeriodSeconds"] == grace[group], group
        assert variables["DUMB_INIT_SETSID"] == "0"
        assert "exec" in " ".join(worker["args"])
        assert pod.annotations["karpenter.sh/do-not-disrupt"] == "true"
