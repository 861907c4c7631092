"""What a change does to a stack on a real API server: the resources that are touched, and the pods that roll."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

import versions
from tests.engine.conftest import Deployed
from tests.engine.events import Outcome
from tests.engine.people import edit, publish_as
from tests.engine.pods import Pods, rolled

pytestmark = pytest.mark.engine

NAMESPACE = "airflow"
REPLACED = {"replace", "create-replacement", "delete-replaced"}
# What is lost with its resource.
STATE = (
    "aws:rds/instance:", "aws:elasticache/replicationGroup:", "aws:s3/bucket:", "aws:eks/cluster:", "aws:kms/key:",
    "aws:ec2/vpc:", "random:", "kubernetes:core/v1:Namespace", "kubernetes:helm.sh/v3:Release",
    "kubernetes:karpenter.sh/v1:NodePool", "aws:sqs/queue:",
)  # fmt: skip
# Every pod knows the queues of all groups (ALISIO_WORKER_QUEUES, for the canary), so a group that comes or goes rolls
# all others. With an environment that lacks the list this is False, and only the group's own pods come and go.
A_LIST_OF_QUEUES_IN_EVERY_POD = True
NEW_CHART = "1.99.0"


def change(deployed: Deployed) -> Callable[..., tuple[Outcome, set[str]]]:
    """Brings a change about: what `up` did, and the Deployments whose pods are new ones."""
    pods = Pods(deployed.cluster.api, NAMESPACE)

    def bring(settings: dict[str, Any] | None = None) -> tuple[Outcome, set[str]]:
        _time_passes(deployed)
        before = pods.now()
        if settings:
            deployed.stage.project.configure(deployed.name, settings)
        outcome = deployed.stage.engine.up(deployed.name)
        assert outcome.code == 0, outcome.output
        replaced = {step.type for step in outcome.steps if step.op in REPLACED}
        assert not [type_ for type_ in replaced if type_.startswith(STATE)]
        return outcome, rolled(before, pods.now())

    return bring


def _time_passes(deployed: Deployed) -> None:
    """A minute after a release its finished jobs are gone. Before that, Helm would fail to change them."""
    jobs = f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs"
    for job in deployed.cluster.api.list(jobs):
        deployed.cluster.api.delete(f"{jobs}/{job['metadata']['name']}?propagationPolicy=Background")


def touched(deployed: Deployed, outcome: Outcome) -> dict[str, set[str]]:
    """By operation, without the stack's prefix. Alarms follow the sizes of what they are about, and the dashboard too:
    `test_changes` and `test_monitoring` ask for these. Here pods are the matter.
    """
    watching = {step.name for step in outcome.steps if "alisio:aws:Monitoring$" in step.urn}
    prefix = f"alisio-{deployed.name}-"
    found = {op: {name.removeprefix(prefix) for name in names - watching} for op, names in outcome.touched.items()}
    return {op: names for op, names in found.items() if names}


def groups(deployed: Deployed) -> list[dict[str, Any]]:
    text = deployed.stage.project.stack_file(deployed.name).read_text(encoding="utf-8")
    return yaml.safe_load(text)["config"]["alisio:airflow"]["workerGroups"]


def everything(deployed: Deployed) -> set[str]:
    return set(Pods(deployed.cluster.api, NAMESPACE).now())


def test_what_concerns_the_cloud_rolls_no_pod(deployed: Deployed) -> None:
    """A larger database, longer backups and logs, another network that is let in: three updates, no new pod."""
    outcome, new = change(deployed)(
        {
            "alisio:dataStore.instanceClass": "db.m8g.2xlarge",
            "alisio:dataStore.backupDays": 35,
            "alisio:cluster.logDays": 400,
            "alisio:cluster.publicAccessCidrs": ["198.51.100.0/24"],
        }
    )
    assert touched(deployed, outcome) == {"update": {"data-store-instance", "control-plane", "eksCluster"}}
    assert new == set()


def test_a_new_dag_rolls_no_pod(deployed: Deployed) -> None:
    """A release of DAGs is objects in a bucket."""
    (deployed.stage.project.folder / "dags" / "new.py").write_text("# nothing yet\n", encoding="utf-8")
    outcome, new = change(deployed)()
    assert all("dags" in name for names in touched(deployed, outcome).values() for name in names)
    assert new == set()


def test_a_worker_group_comes_is_resized_and_goes_alone(deployed: Deployed) -> None:
    """Its own pods come, roll and go. When it is resized, no other pod is a new one."""
    bring, before = change(deployed), groups(deployed)
    extra: dict[str, Any] = {"name": "extra", "concurrency": 2, "minWorkers": 1, "maxWorkers": 2}
    there = everything(deployed)

    outcome, new = bring({"alisio:airflow.workerGroups": [*before, extra]})
    assert new == (there if A_LIST_OF_QUEUES_IN_EVERY_POD else set())
    assert everything(deployed) - there == {"airflow-worker-extra"}
    assert not touched(deployed, outcome).keys() & REPLACED

    outcome, new = bring({"alisio:airflow.workerGroups": [*before, {**extra, "memory": "6Gi"}]})
    assert touched(deployed, outcome) == {"update": {"airflow"}}
    assert new == {"airflow-worker-extra"}

    outcome, new = bring({"alisio:airflow.workerGroups": before})
    assert new == (there if A_LIST_OF_QUEUES_IN_EVERY_POD else set())
    assert everything(deployed) == there
    assert all("worker-extra" in name for name in touched(deployed, outcome)["delete"])


def test_a_rotated_key_rolls_every_pod(deployed: Deployed) -> None:
    """The new key is made, the Secret gets both, and every part of Airflow starts anew with them."""
    outcome, new = change(deployed)({"alisio:airflow.fernetKeys": ["second", "first"]})
    found = touched(deployed, outcome)
    assert found.pop("create") == {"airflow-fernet-second"}
    assert {op for op, names in found.items() if "airflow-fernet" in names} == {"update"}
    assert new == everything(deployed)


def test_new_code_of_ours_rolls_every_pod(deployed: Deployed) -> None:
    """What pods import is in a ConfigMap, and its hash in their annotations."""
    for name in ("chart", "runtime", "releases"):
        deployed.stage.project.own(name)
    edit(deployed.stage.project, "runtime/release_cache.py")
    outcome, new = change(deployed)()
    found = touched(deployed, outcome)
    assert {op for op, names in found.items() if "airflow-runtime" in names} == {"update"}
    assert {name for names in found.values() for name in names} == {"airflow-runtime", "airflow"}
    assert new == everything(deployed)


def test_another_version_of_airflow_is_one_update(deployed: Deployed) -> None:
    """Another chart and image: the release is updated, nothing else, and every pod runs the new image."""
    repository = deployed.cluster.folder.parent / "charts" / "airflow"
    publish_as(repository, "airflow", versions.AIRFLOW_CHART, NEW_CHART)
    project = deployed.stage.project
    project.replace("versions.py", f'"{versions.AIRFLOW_CHART}"', f'"{NEW_CHART}"')
    outcome, new = change(deployed)({"alisio:airflow.image": {"repository": "example.com/airflow", "tag": "of-mine"}})
    assert touched(deployed, outcome) == {"update": {"airflow"}}
    assert new == everything(deployed)
    pods = deployed.cluster.api.list(f"/api/v1/namespaces/{NAMESPACE}/pods", tier="airflow")
    images = {each["image"] for pod in pods for each in pod["spec"]["containers"]}
    assert "example.com/airflow:of-mine" in images
