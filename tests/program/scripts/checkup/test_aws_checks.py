"""Each row of a checkup that AWS answers can fail, and says what to do. Against moto's AWS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scripts.boto import Client
from scripts.checkup import aws
from scripts.checkup.checkup import ROWS, checkup
from scripts.checkup.deployed import Deployed

REGION = "eu-west-1"
CLUSTER = {"type": "aws:eks/cluster:Cluster", "id": "alisio-dev"}


def stack(client: Client, kind: str = "", id_: str = "", **outputs: str) -> Deployed:
    """With one resource in its state, beside the cluster."""
    return Deployed(
        prefix="alisio-dev",
        domain=None,
        resources=[CLUSTER, {"type": kind, "id": id_, "outputs": outputs}],
        client=client,
    )


def database(client: Client) -> Deployed:
    client("rds").create_db_instance(
        DBInstanceIdentifier="store",
        DBInstanceClass="db.t4g.medium",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="airflow",
        MasterUserPassword="not-a-secret",
    )
    return stack(client, aws.DATABASE, "db-ABC", identifier="store")


def test_a_stopped_database_is_told_with_the_command_that_starts_it(client: Client) -> None:
    found = database(client)
    assert aws.database(found) == ""
    client("rds").stop_db_instance(DBInstanceIdentifier="store")
    assert aws.database(found) == "it is stopped: `aws rds start-db-instance --db-instance-identifier store`"


def test_a_cluster_that_is_not_there_is_a_row_that_failed(client: Client) -> None:
    """As is all that cannot be asked."""
    rows = {row.what: row.problem or "" for row in checkup(stack(client))}
    assert list(rows) == list(ROWS)
    assert rows["cluster"].startswith("it could not be asked: ")
    assert "No cluster found" in rows["cluster"]
    client("eks").create_cluster(
        name="alisio-dev", roleArn="arn:aws:iam::123456789012:role/eks", resourcesVpcConfig={"subnetIds": []}
    )
    assert aws.cluster(stack(client)) == ""


def test_a_bucket_that_may_be_opened_is_told(client: Client) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="alisio-dev-data", CreateBucketConfiguration={"LocationConstraint": REGION})
    closed = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)
    found = stack(client, aws.BUCKET, "alisio-dev-data")
    s3.put_public_access_block(Bucket="alisio-dev-data", PublicAccessBlockConfiguration=closed)
    assert aws.buckets(found) == ""
    opened = {**closed, "BlockPublicPolicy": False}
    s3.put_public_access_block(Bucket="alisio-dev-data", PublicAccessBlockConfiguration=opened)
    assert aws.buckets(found).startswith("alisio-dev-data may be opened to the world (BlockPublicPolicy is off)")


def test_dags_are_there_with_their_archive(client: Client) -> None:
    """No pointer, one that is none, one whose archive is gone, and one that is well."""
    from releases.pointer import Pointer, archive_key, pointer_key

    s3, bucket = client("s3"), "alisio-dev-dags-1"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    found = stack(client, aws.BUCKET, bucket)
    assert aws.releases(found).startswith(f"{bucket} holds no release")
    s3.put_object(Bucket=bucket, Key=pointer_key(), Body=b"{}")
    assert aws.releases(found).startswith(f"{bucket}: current.json has format")
    current = Pointer(release="a" * 64, size=1, published_by="ann", files={})
    s3.put_object(Bucket=bucket, Key=pointer_key(), Body=current.document().encode())
    assert aws.releases(found) == f"{bucket} lacks {archive_key('a' * 64)}, which is current: publish again"
    s3.put_object(Bucket=bucket, Key=archive_key("a" * 64), Body=b"-")
    assert aws.releases(found) == ""


def test_alarms_of_this_stack_that_fire_are_named(client: Client) -> None:
    """Not those of another stack, and none that is well."""
    cloudwatch = client("cloudwatch")
    for name in ("alisio-dev-scheduler-gone", "alisio-dev-no-slot", "alisio-prod-no-slot"):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            MetricName="x",
            Namespace="y",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            Statistic="Sum",
        )
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="a test")
    assert aws.alarms(stack(client)) == ""
    for name in ("alisio-dev-no-slot", "alisio-prod-no-slot"):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    assert aws.alarms(stack(client)).startswith("1 fire: alisio-dev-no-slot;")


def test_a_certificate_that_nobody_validated_is_told(client: Client) -> None:
    arn = client("acm").request_certificate(DomainName="airflow.corp.net", ValidationMethod="DNS")["CertificateArn"]
    problem = aws.certificate(stack(client, aws.CERTIFICATE, arn))
    assert problem.startswith("it is PENDING_VALIDATION: does ingress.publicZoneId name the zone")


def test_a_load_balancer_without_an_api_server_is_told(client: Client) -> None:
    ec2, elb = client("ec2"), client("elbv2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    made = elb.create_target_group(Name="airflow", Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip")
    arn = made["TargetGroups"][0]["TargetGroupArn"]
    problem = aws.targets(stack(client, aws.TARGETS, arn))
    assert problem.startswith("no api-server answers (none is registered)")


def test_a_broker_under_change_is_told(client: Client) -> None:
    """Available is the only state in which it takes tasks for certain."""
    client("elasticache").create_replication_group(ReplicationGroupId="broker", ReplicationGroupDescription="broker")
    found = stack(client, aws.BROKER, "broker")
    assert aws.broker(found) == ""
    assert aws.broker(_answering(found, {"ReplicationGroups": [{"Status": "modifying"}]})) == (
        "it is modifying: wait for its end"
    )


def _answering(found: Deployed, answer: dict[str, Any]) -> Deployed:
    """moto's groups are always available."""

    class Elasticache:
        def describe_replication_groups(self, **_: str) -> dict[str, Any]:
            return answer

    made: Callable[[str], Any] = lambda _: Elasticache()  # noqa: E731
    return Deployed(prefix=found.prefix, domain=None, resources=found.resources, client=made)


def test_a_stack_that_is_not_up_has_no_rows(client: Client) -> None:
    """That is no failure: somebody who is about to deploy asks the doctor as well."""
    none = Deployed(prefix="alisio-dev", domain=None, resources=[], client=client)
    [row] = checkup(none)
    assert (row.state, row.fatal) == ("note", False)
