"""Who may do what: the table of docs/architecture.md, asked of the policies that the program registers."""

from __future__ import annotations

import pytest

from plan import Deployment, plan_stack
from tests.program.grants import (
    THROUGH_S3,
    VERBS,
    ask_bucket,
    ask_key,
    bucket,
    identity_policies,
    key,
    may,
    may_read_secret,
)
from tests.program.judges.iam import Decision, statements

PATHS = {
    "dags": ("dags", "dags/orders.py"),
    "logs": ("logs", "logs/dag_id=orders/attempt=1.log"),
    "landing": ("data", "landing/a.csv"),
    "lake": ("data", "lake/a.parquet"),
    "groups/main": ("data", "groups/main/a"),
    "groups/bulk": ("data", "groups/bulk/a"),
    "elsewhere": ("data", "private/a"),
}
BUCKETS = """
                              dags  logs  landing  lake  groups/main  groups/bulk  elsewhere
airflow-dag-processor         lr    -     -        -     -            -            -
airflow-triggerer             -     lrw   -        -     -            -            -
airflow-api-server            -     lr    -        -     -            -            -
airflow-worker-main           lr    lrw   lrwd     lrwd  lrwd         -            -
airflow-worker-bulk           lr    lrw   -        lrwd  -            lrwd         -
telemetry-agent               -     -     -        -     -            -            -
node                          -     -     -        -     -            -            -
network-flow-logs             -     -     -        -     -            -            -
data-store-monitoring         -     -     -        -     -            -            -
deployer                      lrwd  lrwd  lrwd     lrwd  lrwd         lrwd         lrwd
platform-admin                lrwd  lrwd  lrwd     lrwd  lrwd         lrwd         lrwd
data-engineer                 -     -     -        -     -            -            -
outsider                      -     -     -        -     -            -            -
"""
"""l: list, r: read, w: write, d: delete. To append to a log is to read it and to write the whole."""
SECRETS = """
                       connections  variables  groups/main  groups/bulk  elsewhere  another-stack
airflow-dag-processor  r            r          -            -            -          -
airflow-triggerer      r            r          -            -            -          -
airflow-api-server     -            -          -            -            -          -
airflow-worker-main    r            r          r            -            -          -
airflow-worker-bulk    r            r          -            r            -          -
telemetry-agent        -            -          -            -            -          -
node                   -            -          -            -            -          -
"""
SECRET_NAMES = {
    "connections": "alisio/prod/connections/warehouse",
    "variables": "alisio/prod/variables/colour",
    "groups/main": "alisio/prod/groups/main/token",
    "groups/bulk": "alisio/prod/groups/bulk/token",
    "elsewhere": "alisio/prod/else",
    "another-stack": "alisio/dev/connections/warehouse",
}
POD_ROLES = {
    "airflow-dag-processor",
    "airflow-triggerer",
    "airflow-api-server",
    "airflow-worker-main",
    "airflow-worker-bulk",
}
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"


def cells(table: str) -> list[tuple[str, str, str]]:
    """(row, column, cell) of a table."""
    head, *rows = [line.split() for line in table.strip().splitlines()]
    return [(row[0], column, cell.strip("-")) for row in rows for column, cell in zip(head, row[1:], strict=True)]


@pytest.mark.parametrize(("who", "where", "verbs"), cells(BUCKETS))
def test_buckets_are_used_as_the_table_says(prod: Deployment, who: str, where: str, verbs: str) -> None:
    """Each role may do in each bucket what the table says, and no more; S3 and the bucket's key both agree."""
    use, path = PATHS[where]
    found = {verb for verb in VERBS if may(prod, who, verb, path, use=use) is Decision.ALLOWED}
    assert found == set(verbs)


@pytest.mark.parametrize(("who", "what", "verbs"), cells(SECRETS))
def test_secrets_are_read_as_the_table_says(prod: Deployment, who: str, what: str, verbs: str) -> None:
    """Each role may read from Secrets Manager what the table says, and no more."""
    assert may_read_secret(prod, who, SECRET_NAMES[what]) == (verbs == "r")


def test_only_these_pods_have_an_identity(stack: Deployment) -> None:
    """Scheduler, Flower and jobs have no role; each pod role belongs to one service account in Airflow's namespace.

    The one exception is the agent that takes metrics and ships logs.
    """
    groups = {"dev": {"main"}, "prod": {"main", "bulk"}}[stack.stack]
    wanted = {each for each in POD_ROLES if not each.startswith("airflow-worker-")} | {
        f"airflow-worker-{group}" for group in groups
    }
    roles = {each.outputs["arn"]: each.name for each in stack.of_type("aws:iam/role:Role")}
    found = {each.inputs["serviceAccount"]: each.inputs for each in stack.of_type(ASSOCIATION)}
    assert set(found) == {*wanted, "cloudwatch-agent"}
    assert len(stack.of_type(ASSOCIATION)) == len(found)
    agent = found.pop("cloudwatch-agent")
    assert roles[agent["roleArn"]] == f"alisio-{stack.stack}-telemetry-agent"
    assert (agent["namespace"], agent["clusterName"]) == ("amazon-cloudwatch", f"alisio-{stack.stack}")
    for account, inputs in found.items():
        assert roles[inputs["roleArn"]] == f"alisio-{stack.stack}-{account}"
        assert (inputs["namespace"], inputs["clusterName"]) == ("airflow", f"alisio-{stack.stack}")


def test_pods_never_write_dags(prod: Deployment) -> None:
    """A pod that could write a DAG could run anything as any other: the bucket refuses it, whatever IAM allows."""
    for who in POD_ROLES:
        for verb in ("w", "d"):
            assert may(prod, who, verb, "dags/orders.py", use="dags") is Decision.EXPLICIT_DENY


def test_an_administrator_of_the_account_reads_no_data(prod: Deployment) -> None:
    """AdministratorAccess alone opens no bucket: the bucket policy names who may."""
    for use in ("dags", "logs", "data"):
        for verb in VERBS:
            assert may(prod, "outsider", verb, "lake/a", use=use) is Decision.EXPLICIT_DENY


def test_a_wrong_list_of_people_can_be_mended(prod: Deployment) -> None:
    """The bucket's own policy stays in the reach of the account's administrators: nobody is locked out for good."""
    for action in ("s3:PutBucketPolicy", "s3:GetBucketPolicy", "s3:DeleteBucketPolicy"):
        decision = ask_bucket(prod, "outsider", action, bucket(prod, "data"), use="data", context=THROUGH_S3)
        assert decision is Decision.ALLOWED, action


@pytest.mark.parametrize("use", ["dags", "logs", "data"])
@pytest.mark.parametrize(
    "context",
    [{"aws:SecureTransport": "false"}, {"s3:TlsVersion": "1.1"}, {"s3:TlsVersion": "1.0"}],
    ids=["http", "tls-1.1", "tls-1.0"],
)
def test_nobody_speaks_to_a_bucket_in_the_open(prod: Deployment, use: str, context: dict[str, str]) -> None:
    """Plain HTTP and old TLS are refused to everybody, the deployer included."""
    for verb in VERBS:
        assert may(prod, "deployer", verb, "lake/a", use=use, context=context) is Decision.EXPLICIT_DENY


@pytest.mark.parametrize("use", ["dags", "logs", "data"])
def test_uploads_are_encrypted_with_the_buckets_key_or_refused(prod: Deployment, use: str) -> None:
    """No header means the bucket's own key; a header may say the same, and nothing else."""
    algorithm, header = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"
    foreign = "arn:aws:kms:eu-west-1:999999999999:key/foreign"
    answers = {
        "none": may(prod, "deployer", "w", "a", use=use),
        "ours": may(prod, "deployer", "w", "a", use=use, context={algorithm: "aws:kms", header: key(prod, use)}),
        "foreign": may(prod, "deployer", "w", "a", use=use, context={algorithm: "aws:kms", header: foreign}),
        "S3's": may(prod, "deployer", "w", "a", use=use, context={algorithm: "AES256"}),
    }
    assert answers == {
        "none": Decision.ALLOWED,
        "ours": Decision.ALLOWED,
        "foreign": Decision.EXPLICIT_DENY,
        "S3's": Decision.EXPLICIT_DENY,
    }


def test_pods_use_a_key_only_through_s3(prod: Deployment) -> None:
    """Outside S3 no pod decrypts anything with a bucket's key, nor with that of a bucket that is not granted."""
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        assert ask_key(prod, "airflow-worker-main", action, use="data", context={}) is Decision.IMPLICIT_DENY
    for who in ("airflow-triggerer", "airflow-api-server"):
        for use in ("dags", "data"):
            context = {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}
            assert ask_key(prod, who, "kms:Decrypt", use=use, context=context) is Decision.IMPLICIT_DENY


def test_a_group_sees_nothing_of_another_groups_names(prod: Deployment) -> None:
    """A group cannot list the whole bucket, and so learns not even the names of what is not its own."""
    for path in ("", "groups/", "groups/bulk/", "groups/main"):
        assert may(prod, "airflow-worker-main", "l", path, use="data") is Decision.IMPLICIT_DENY, path


def test_a_missing_log_is_told_from_a_forbidden_one(prod: Deployment) -> None:
    """S3 answers 404 instead of 403 only to who may list; Airflow writes no log when asking for an old one gives 403.

    S3 asks for s3:ListBucket with the key as s3:prefix: https://github.com/ceph/ceph/pull/68577
    """
    for who in ("airflow-worker-main", "airflow-worker-bulk", "airflow-triggerer", "airflow-api-server"):
        assert may(prod, who, "l", "logs/dag_id=new/attempt=1.log", use="logs") is Decision.ALLOWED


def test_group_names_do_not_open_each_other() -> None:
    """A group whose name starts with another's gets neither its prefix nor its secrets."""
    groups = [{"name": "etl"}, {"name": "etl-eu", "dataPrefixes": ["lake/"]}]
    twins = plan_stack("prod", config_overrides={"airflow": {"workerGroups": groups}})
    assert may(twins, "airflow-worker-etl", "r", "groups/etl-eu/a", use="data") is not Decision.ALLOWED
    assert not may_read_secret(twins, "airflow-worker-etl", "alisio/prod/groups/etl-eu/token")
    assert may(twins, "airflow-worker-etl", "r", "lake/a", use="data") is not Decision.ALLOWED
    assert may(twins, "airflow-worker-etl-eu", "r", "lake/a", use="data") is Decision.ALLOWED


@pytest.mark.parametrize("prefix", ["lake/year=2026/", "lake/a+b/", "Relatórios de março/"])
def test_a_prefix_means_the_same_key_to_iam(prefix: str) -> None:
    """IAM compares plain keys: nothing is encoded in a policy, and all is of characters that IAM takes."""
    groups = [{"name": "etl", "dataPrefixes": [prefix]}]
    stack = plan_stack("prod", config_overrides={"airflow": {"workerGroups": groups}})
    for verb in "lrwd":
        assert may(stack, "airflow-worker-etl", verb, f"{prefix}a.csv", use="data") is Decision.ALLOWED, verb
    assert all(ord(each) <= 0xFF for policy in identity_policies(stack, "airflow-worker-etl") for each in str(policy))


def test_flow_logs_write_to_their_log_group_only(prod: Deployment) -> None:
    """The role of the flow logs reaches no other log group."""
    (policy,) = identity_policies(prod, "network-flow-logs")
    (statement,) = statements(policy)
    assert statement["Resource"] == "arn:aws:logs:eu-west-1:111122223333:log-group:/alisio/prod/vpc-flow-logs:*"
    assert all(action.startswith("logs:") for action in statement["Action"])
