"""The values of the Airflow chart: known to the chart, without secrets, and set so that no task is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chart.values import overlaid
from plan import Deployment, plan_stack
from plan.wire import walk
from tests.program.judges.chart_values import problems
from tests.program.rendered import chart_values

# Measured by killing each part of a running platform: tests/e2e/test_faults.py does it.
RECOVERY = {
    "celery.operation_timeout": "1.0",
    "celery.task_publish_max_retries": "60",
    "celery.sync_parallelism": "4",
    "celery.worker_prefetch_multiplier": "1",
    "celery_broker_transport_options.socket_keepalive": "True",
    "celery_broker_transport_options.retry_on_timeout": "True",
    "core.default_task_retries": "2",
    "scheduler.task_instance_heartbeat_timeout": "300",
    "workers.execution_api_timeout": "120",
    "workers.execution_api_retries": "25",
    "workers.execution_api_retry_wait_max": "15",
    "workers.max_failed_heartbeats": "10",
}
CELERY_RETRIES = {
    "task_publish_retry_policy": {"max_retries": 1000, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5},
    "worker_enable_prefetch_count_reduction": False,
    "result_backend_always_retry": True,
    "result_backend_max_sleep_between_retries_ms": 2000,
}
SECRET_NAMES = {
    "data.metadataSecretName": "alisio-metadata",
    "data.resultBackendSecretName": "alisio-results",
    "data.brokerUrlSecretName": "alisio-broker",
    "fernetKeySecretName": "alisio-fernet",
    "apiSecretKeySecretName": "alisio-api",
    "jwtSecretName": "alisio-jwt",
    "flower.secretName": "alisio-flower",
}
BACKEND = {"dagProcessor": True, "triggerer": True, "apiServer": False, "scheduler": False, "flower": False}
"""Who looks things up in Secrets Manager: those that the table of docs/architecture.md lets read there."""


def at(values: dict[str, Any], path: str) -> Any:
    """The value under a path, or None."""
    found: Any = values
    for step in path.split("."):
        found = found.get(step) if isinstance(found, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return found  # pyright: ignore[reportUnknownVariableType]


def environment(entries: list[dict[str, str]]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in entries}


def with_airflow(**settings: Any) -> dict[str, Any]:
    """The values of `dev` with other settings of Airflow."""
    return chart_values(plan_stack("dev", config_overrides={"airflow": settings}))


def test_the_chart_knows_the_values(values: dict[str, Any]) -> None:
    """Every key is one of the chart's, and every value is of a kind that it accepts."""
    assert problems(values) == []


def test_values_hold_no_secret(stack: Deployment) -> None:
    """Anybody who may read Helm's release reads its values: not one of the run's secrets is in them."""
    leaves = [str(leaf) for _, leaf in walk(chart_values(stack))]
    assert stack.sentinels
    assert not [leaf for leaf in leaves if any(secret in leaf for secret in stack.sentinels)]
    assert not [leaf for leaf in leaves if "@" in leaf and "://" in leaf]


@pytest.mark.parametrize(("path", "wanted"), SECRET_NAMES.items())
def test_secrets_are_named_and_ours(values: dict[str, Any], path: str, wanted: str) -> None:
    """The chart generates nothing: an unnamed secret would change at every upgrade and roll every pod."""
    assert at(values, path) == wanted


@pytest.mark.parametrize(("path", "wanted"), RECOVERY.items())
def test_outages_cost_no_task(values: dict[str, Any], path: str, wanted: str) -> None:
    """Each setting that lets tasks outlive a minute without broker, database, scheduler or api-server is there."""
    assert at(values, f"config.{path}") == wanted


def test_celery_goes_on_when_broker_or_database_were_away(values: dict[str, Any]) -> None:
    """Celery's own retries of a publish and of a result outlast an outage, and a reconnected worker works at full
    breadth at once."""
    assert json.loads(at(values, "config.celery.extra_celery_config")) == CELERY_RETRIES


def test_logs_of_running_tasks_are_fetched_from_an_address(values: dict[str, Any]) -> None:
    """Workers and triggerer go by their address: DNS knows no pod of a Deployment."""
    assert at(values, "config.core.hostname_callable") == "airflow.utils.net.get_host_ip_address"


def test_long_tasks_are_not_run_twice(values: dict[str, Any]) -> None:
    """The broker redelivers after the longest task, and no group's grace ends later than that."""
    timeout = int(at(values, "config.celery_broker_transport_options.visibility_timeout"))
    assert timeout == 24 * 3600
    assert all(group["terminationGracePeriodSeconds"] <= timeout for group in at(values, "workers.celery.sets"))


def test_tls_is_verified_by_environment(values: dict[str, Any]) -> None:
    """The mode and the bundle are in every pod's environment, and the bundle is where the environment says."""
    variables = environment(values["env"])
    mount, *_ = values["volumeMounts"]
    assert variables["PGSSLMODE"] == "verify-full"
    assert variables["PGSSLROOTCERT"].rpartition("/")[0] == mount["mountPath"]
    assert (at(values, "config.celery.ssl_active"), at(values, "config.celery.ssl_mutual_tls")) == ("True", "False")


@pytest.mark.parametrize(("part", "reads"), BACKEND.items())
def test_the_secrets_backend_is_where_it_may_read(values: dict[str, Any], part: str, reads: bool) -> None:  # noqa: FBT001
    """Dag-processor, triggerer and workers look in Secrets Manager; to the others each look would be a refusal."""
    assert ("AIRFLOW__SECRETS__BACKEND" in environment(at(values, f"{part}.env") or [])) is reads
    assert "AIRFLOW__SECRETS__BACKEND" not in environment(values["env"])


def test_workers_look_below_the_stacks_prefix(stack: Deployment) -> None:
    """Connections and variables lie where the pod roles may read them."""
    for group in at(chart_values(stack), "workers.celery.sets"):
        variables = environment(group["env"])
        where = json.loads(variables["AIRFLOW__SECRETS__BACKEND_KWARGS"])
        assert where["connections_prefix"] == f"alisio/{stack.stack}/connections"
        assert where["variables_prefix"] == f"alisio/{stack.stack}/variables"
        assert variables["ALISIO_WORKER_GROUP"] == group["name"]


def test_dags_and_logs_are_in_their_buckets(stack: Deployment) -> None:
    """The dag bundle and the remote logs name the buckets that the program makes, and their prefixes."""
    values = chart_values(stack)
    (bundle,) = at(values, "dagProcessor.dagBundleConfigList")
    assert bundle["classpath"] == "alisio_pods.runtime.release_bundle.ReleaseDagBundle"
    assert (bundle["kwargs"]["bucket_name"], bundle["kwargs"]["prefix"]) == (stack.outputs["dagBucket"], "")
    assert at(values, "config.logging.remote_base_log_folder") == f"s3://{stack.outputs['logBucket']}/logs"
    assert at(values, "config.logging.remote_logging") == "True"
    assert environment(values["env"])["ALISIO_DATA_BUCKET"] == stack.outputs["dataBucket"]


def test_the_bundle_is_a_setting() -> None:
    """With `s3`, Airflow's own bundle reads the files where the program puts them, one by one."""
    chosen = plan_stack("dev", config_overrides={"airflow": {"dags": {"bundle": "s3"}}})
    (bundle,) = at(chart_values(chosen), "dagProcessor.dagBundleConfigList")
    assert bundle["classpath"].endswith(".S3DagBundle")
    keys = [each.inputs["key"] for each in chosen.of_type("aws:s3/bucketObjectv2:BucketObjectv2")]
    assert "dags/platform_canary.py" in keys
    assert all(key.startswith(f"{bundle['kwargs']['prefix']}/") for key in keys)


def test_our_code_is_where_the_pods_import_it(stack: Deployment) -> None:
    """What pods import of ours is mounted in PYTHONPATH below one package, and a change of it rolls the pods."""
    values = chart_values(stack)
    mount = next(each for each in values["volumeMounts"] if each["name"] == "alisio-runtime")
    assert mount["mountPath"] == environment(values["env"])["PYTHONPATH"]
    volume = next(each for each in values["volumes"] if each["name"] == "alisio-runtime")
    code = stack.one("kubernetes:core/v1:ConfigMap", f"alisio-{stack.stack}-airflow-runtime").inputs["data"]
    placed = {item["path"]: code[item["key"]] for item in volume["configMap"]["items"]}
    assert len(placed) == len(code)
    assert {path.split("/")[0] for path in placed} == {"alisio_pods"}
    assert "alisio_pods/runtime/release_bundle.py" in placed
    assert len(values["airflowPodAnnotations"]["checksum/alisio-runtime"]) == 64


def test_dags_know_their_queues(stack: Deployment) -> None:
    """Each pod knows the queue of each watched asset."""
    known = json.loads(environment(chart_values(stack)["env"])["ALISIO_WATCHED_QUEUES"])
    assert set(known) == {"landed_weather"}
    assert known["landed_weather"].startswith("https://sqs.eu-west-1.")


def test_versions_are_pinned(stack: Deployment) -> None:
    """Airflow 3.3.2 by chart 1.22.0, with KEDA by its own pin; nothing is `latest`."""
    values = chart_values(stack)
    releases = {each.inputs["name"]: each.inputs for each in stack.of_type("kubernetes:helm.sh/v3:Release")}
    assert (values["airflowVersion"], values["defaultAirflowTag"]) == ("3.3.2", "3.3.2")
    assert {name: each["version"] for name, each in releases.items()} == {"airflow": "1.22.0", "keda": "2.20.2"}
    for each in releases.values():
        assert each["atomic"] is True
        assert each["timeout"] >= 600


def test_jobs_are_no_hooks(values: dict[str, Any]) -> None:
    """A hook would wait for pods that wait for it; a finished job is gone before the next update needs its name."""
    for job in ("migrateDatabaseJob", "createUserJob"):
        assert at(values, f"{job}.useHelmHooks") is False
        assert at(values, f"{job}.applyCustomEnv") is True
        assert 0 < at(values, f"{job}.ttlSecondsAfterFinished") <= 120


def test_the_cleanup_spares_what_breaks_it(values: dict[str, Any]) -> None:
    """`airflow db clean` fails on the foreign keys of these two tables, and leaves archives unless told not to."""
    cleanup = values["databaseCleanup"]
    assert not {"dag", "dag_version"} & set(cleanup["tables"])
    assert cleanup["skipArchive"] is True


def test_overrides_are_merged_last() -> None:
    """`values` in the settings wins over ours: maps are merged, all else is replaced, as Helm does it."""
    ours = with_airflow()
    values = with_airflow(values={"scheduler": {"replicas": 5}, "env": [], "statsd": {"enabled": True}, "uid": 1000})
    assert values["scheduler"] == {**ours["scheduler"], "replicas": 5}
    assert (values["env"], values["statsd"], values["uid"]) == ([], {"enabled": True}, 1000)
    overridden = dict.fromkeys(("scheduler", "env", "statsd", "uid"))
    assert {**values, **overridden} == {**ours, **overridden}


def test_merging_leaves_what_it_merges_as_it_was() -> None:
    """Merging changes neither side, whatever stands in them."""
    base: dict[str, Any] = {"a": {"b": 1, "c": [1]}, "d": {"e": 1}}
    over: dict[str, Any] = {"a": {"b": {"x": 1}, "c": [2]}, "d": None}
    assert overlaid(base, over) == {"a": {"b": {"x": 1}, "c": [2]}, "d": None}
    assert base == {"a": {"b": 1, "c": [1]}, "d": {"e": 1}}


def test_own_airflow_cfg_wins() -> None:
    """`config` in the settings wins over the platform's, key by key."""
    config = with_airflow(config={"core": {"parallelism": "7"}, "smtp": {"smtp_host": "mail"}})["config"]
    assert (config["core"]["parallelism"], config["core"]["load_examples"]) == ("7", "False")
    assert config["smtp"] == {"smtp_host": "mail"}


def test_worker_groups_are_worker_sets(prod: Deployment) -> None:
    """Each group of the settings is a set with its queue, grace, nodes and scale; there is no other worker."""
    celery = at(chart_values(prod), "workers.celery")
    main, bulk = celery["sets"]
    assert celery["enableDefault"] is False
    assert (main["name"], main["queue"], main["terminationGracePeriodSeconds"]) == ("main", "default", 7200)
    assert (bulk["name"], bulk["queue"], bulk["terminationGracePeriodSeconds"]) == ("bulk", "bulk", 1800)
    assert (main["keda"]["minReplicaCount"], main["keda"]["maxReplicaCount"]) == (2, 10)
    assert (bulk["keda"]["minReplicaCount"], bulk["keda"]["maxReplicaCount"]) == (0, 20)
    assert main["nodeSelector"] == {"karpenter.sh/capacity-type": "on-demand"}
    assert bulk["nodeSelector"] == {"karpenter.sh/capacity-type": "spot"}
    assert environment(bulk["env"])["AIRFLOW__CELERY__WORKER_CONCURRENCY"] == "2"
    assert at(chart_values(prod), "config.operators.default_queue") == "default"
