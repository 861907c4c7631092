"""What `recover` knows: whose a lock is, which ids follow from inputs, and how a state is mended."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import psutil
import pytest

from plan import plan_stack
from refused import Refused
from scripts.recover import lock_files, people
from scripts.recover.attributes import damaged_attributes
from scripts.recover.aws import TYPES, Aws
from scripts.recover.cloud import Unclear
from scripts.recover.helm import Helm, UnreachableError, kubeconfig_in
from scripts.recover.ids import AWS, ROUTE, import_id
from scripts.recover.locks import Lock, Owner, owner_of, start_of
from scripts.recover.pulumi import Pulumi
from scripts.recover.recovery import recover
from scripts.recover.state import Pending, adopting, pending_in, settled, unread_in
from tests.program.conftest import planned
from tests.program.facts import TOLD, USER_POOL
from tests.program.scripts.fake_programs import fake

EDGE = ("aws:lb", "aws:acm", "aws:wafv2")
NOTICES = ("aws:sns", "aws:cloudwatch")
POOL, CLIENT, BRANDING = people.TYPES
"""Found by a name, or by what they belong to."""
NOON: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
LOCK: Final = Lock(pid=7, username="ann", hostname="here", since=NOON)


@pytest.mark.parametrize(
    ("began", "owner"),
    [
        (None, Owner.GONE),
        (NOON - timedelta(seconds=1), Owner.ALIVE),
        (NOON + timedelta(hours=1), Owner.GONE),
    ],
)
def test_the_owner_of_a_lock_is_a_process_that_is_older_than_it(began: datetime | None, owner: Owner) -> None:
    """No such process, one that began before the lock, and one that got the number of the dead one."""
    assert owner_of(LOCK, here="here", start=lambda _: began) is owner


def test_the_owner_on_another_machine_cannot_be_seen() -> None:
    """Whether or not a process of that number runs here."""
    assert owner_of(LOCK, here="there", start=lambda _: NOON) is Owner.ELSEWHERE
    assert owner_of(Lock(), here="here") is Owner.ELSEWHERE


def test_a_process_of_this_machine_is_found() -> None:
    """This one is there, and began when it began."""
    found = start_of(os.getpid())
    assert found is not None
    assert abs(found.timestamp() - psutil.Process().create_time()) < 1
    assert start_of(2**22 + 1) is None


def test_a_lock_is_read_as_pulumi_writes_it() -> None:
    """With nanoseconds, and the time zone of the other machine."""
    written = '{"pid":25260,"username":"root","hostname":"vm","timestamp":"2026-11-25T15:38:14.428770978+01:00"}'
    lock = Lock.parse(json.loads(written))
    assert str(lock) == "root@vm (process 25260, since 2026-11-25 14:38 UTC)"


def test_locks_in_a_bucket_are_read_by_the_aws_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of this stack of this project only, with the region of the backend's URL."""
    key = "team/.pulumi/locks/organization/alisio/prod/a.json"
    content = {"pid": 1, "username": "ann", "hostname": "ci", "timestamp": "2026-01-01T00:00:00Z"}
    calls = fake(tmp_path, monkeypatch, "aws", {"list-objects-v2": {"Contents": [{"Key": key}]}, "cp": content})
    fake(tmp_path, monkeypatch, "pulumi", {"whoami": {"url": "s3://states/team?region=eu-west-1"}})
    locks = lock_files.read_locks(Pulumi(stack="prod", folder=tmp_path))
    assert [lock.hostname for lock in locks] == ["ci"]
    assert calls.read_text().splitlines() == [
        "s3api list-objects-v2 --bucket states --prefix team/.pulumi/locks/organization/alisio/prod/"
        " --output json --region eu-west-1",
        f"s3 cp s3://states/{key} - --region eu-west-1",
    ]


def test_pulumi_cloud_says_that_a_stack_is_updated_but_not_by_whom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a person has to say whether that update is gone."""
    stacks = [{"name": "prod", "updateInProgress": True}, {"name": "dev", "updateInProgress": False}]
    fake(tmp_path, monkeypatch, "pulumi", {"whoami": {"url": "https://api.pulumi.com"}, "ls": stacks})
    locks = lock_files.read_locks(Pulumi(stack="prod", folder=tmp_path))
    assert [owner_of(lock) for lock in locks] == [Owner.ELSEWHERE]
    assert lock_files.read_locks(Pulumi(stack="dev", folder=tmp_path)) == []


def test_a_backend_whose_locks_are_not_read_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pulumi itself refuses to work on a stack that is locked there."""
    fake(tmp_path, monkeypatch, "pulumi", {"whoami": {"url": "gs://states"}})
    assert lock_files.read_locks(Pulumi(stack="prod", folder=tmp_path)) == []


def taken(type_: str) -> list[str]:
    """The ids in the section "Import" of the SDK that is installed."""
    module, name = type_.split(":")[1].split("/")
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    # Read, not imported: the SDK imports its modules when they are first used, and in an order of its own.
    package = find_spec("pulumi_aws")
    assert package is not None
    file = Path(package.origin or "").parent / module / f"{snake}.py"
    return re.findall(rf"pulumi import {re.escape(type_)} \S+ (\S+)", file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("type_", sorted(AWS))
def test_an_id_has_the_form_that_the_provider_takes(type_: str) -> None:
    """The same separators, in the same order, as in one of the SDK's examples of an import."""
    separators = re.sub(r"\{\w+\}", "", AWS[type_])
    parts = {name: f"p{index}" for index, name in enumerate(re.findall(r"\{(\w+)\}", AWS[type_]))}
    built = import_id(type_, parts)
    assert built is not None
    fitting = [each for each in taken(type_) if all(each.count(one) >= separators.count(one) for one in separators)]
    assert fitting, f"{built} is like none of {taken(type_)}"


def test_every_type_of_the_stacks_can_be_looked_for() -> None:
    """Whatever AWS resource is interrupted, its id follows from its inputs, or there is a way to find it."""
    everything = plan_stack("prod", config_overrides={**USER_POOL, "monitoring": TOLD})
    stacks = [planned("dev"), planned("prod"), everything]
    registered = {each.type for stack in stacks for each in stack.resources}
    assert {"aws:cognito/userPool:UserPool", "aws:budgets/budget:Budget"} <= registered
    unknown = {each for each in registered if each.startswith("aws:")} - {*AWS, *TYPES, ROUTE}
    assert unknown == set()


def test_whatever_is_found_by_its_tag_has_one() -> None:
    """A VPC or a key has no name: without a tag `Name` of its own nobody could tell it from another."""
    for stack in ("dev", "prod"):
        seen: dict[tuple[str, str], str] = {}
        for each in planned(stack).resources:
            if each.type in TYPES and "tags" in each.plain_inputs:
                name = each.plain_inputs["tags"]["Name"]
                assert seen.setdefault((each.type, name), each.urn) == each.urn
            elif each.type in TYPES:
                assert each.type.split("/")[0] in ("aws:ec2", "aws:vpc", "aws:eks", "aws:sqs", *EDGE, *NOTICES), (
                    each.urn
                )
                assert not each.type.endswith((":Vpc", ":Subnet", ":Eip", ":NatGateway", ":RouteTable", ":VpcEndpoint"))


def test_kubernetes_ids_are_namespace_and_name() -> None:
    """Of objects with a namespace, of those without, and of releases."""
    assert import_id("kubernetes:core/v1:Secret", {"metadata": {"namespace": "a", "name": "b"}}) == "a/b"
    assert import_id("kubernetes:core/v1:Namespace", {"metadata": {"name": "b"}}) == "b"
    assert import_id("kubernetes:helm.sh/v3:Release", {"namespace": "keda", "name": "keda"}) == "keda/keda"
    assert import_id("kubernetes:core/v1:Secret", {}) is None
    assert import_id(ROUTE, {"routeTableId": "rtb-1", "destinationCidrBlock": "0.0.0.0/0"}) == "rtb-1_0.0.0.0/0"


def test_a_thing_is_found_by_its_tag_unless_the_state_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is known already is another; two that are not known are too many to choose from."""
    calls = fake(tmp_path, monkeypatch, "aws", {"describe-vpcs": {"Vpcs": [{"VpcId": "vpc-1"}, {"VpcId": "vpc-2"}]}})
    aws, inputs = Aws(region="eu-west-1"), {"tags": {"Name": "alisio-dev-network"}}
    assert aws.find("aws:ec2/vpc:Vpc", inputs, {"vpc-1"}) == "vpc-2"
    assert aws.find("aws:ec2/vpc:Vpc", inputs, {"vpc-1", "vpc-2"}) is None
    with pytest.raises(Unclear, match="vpc-1, vpc-2"):
        aws.find("aws:ec2/vpc:Vpc", inputs, set())
    assert calls.read_text().splitlines()[0] == (
        "ec2 describe-vpcs --filters Name=tag:Name,Values=alisio-dev-network --output json --region eu-west-1"
    )


@pytest.mark.parametrize(
    ("type_", "inputs", "answers", "found"),
    [
        (
            "aws:lb/loadBalancer:LoadBalancer", {"name": "a"},
            {"describe-load-balancers": {"LoadBalancers": [{"LoadBalancerArn": "arn:a"}]}}, "arn:a",
        ),
        (
            "aws:lb/targetGroup:TargetGroup", {"name": "a"},
            {"describe-target-groups": {"TargetGroups": [{"TargetGroupArn": "arn:a"}]}}, "arn:a",
        ),
        (
            "aws:lb/listener:Listener", {"loadBalancerArn": "arn:a", "port": 443},
            {"describe-listeners": {"Listeners": [
                {"Port": 80, "ListenerArn": "arn:80"}, {"Port": 443, "ListenerArn": "arn:443"},
            ]}},
            "arn:443",
        ),
        (
            "aws:lb/listenerRule:ListenerRule", {"listenerArn": "arn:a", "priority": 20},
            {"describe-rules": {"Rules": [
                {"Priority": "10", "RuleArn": "arn:10"}, {"Priority": "20", "RuleArn": "arn:20"},
                {"Priority": "default", "RuleArn": "arn:d"},
            ]}},
            "arn:20",
        ),
        (
            "aws:acm/certificate:Certificate",
            {"domainName": "a.b.net", "keyAlgorithm": "EC_prime256v1", "tags": {"Name": "alisio-dev-certificate"}},
            {
                "list-certificates": {"CertificateSummaryList": [
                    {"DomainName": "c.b.net", "CertificateArn": "arn:other"},
                    {"DomainName": "a.b.net", "CertificateArn": "arn:a"},
                ]},
                "list-tags-for-certificate": {"Tags": [{"Key": "Name", "Value": "alisio-dev-certificate"}]},
            },
            "arn:a",
        ),
        (
            "aws:acm/certificate:Certificate",
            {"domainName": "a.b.net", "keyAlgorithm": "EC_prime256v1", "tags": {"Name": "alisio-dev-certificate"}},
            {
                "list-certificates": {"CertificateSummaryList": [{"DomainName": "a.b.net", "CertificateArn": "arn:a"}]},
                "list-tags-for-certificate": {"Tags": [{"Key": "Name", "Value": "of-somebody-else"}]},
            },
            None,
        ),
        (
            "aws:wafv2/webAcl:WebAcl", {"name": "a", "scope": "REGIONAL"},
            {"list-web-acls": {"WebACLs": [{"Name": "b", "Id": "2"}, {"Name": "a", "Id": "1"}]}}, "1/a/REGIONAL",
        ),
        ("aws:acm/certificateValidation:CertificateValidation", {"certificateArn": "arn:a"}, {}, None),
        (
            POOL, {"name": "a"},
            {"list-user-pools": {"UserPools": [{"Name": "b", "Id": "2"}, {"Name": "a", "Id": "1"}]}}, "1",
        ),
        (
            CLIENT, {"name": "a", "userPoolId": "p"},
            {"list-user-pool-clients": {"UserPoolClients": [
                {"ClientName": "b", "ClientId": "2"}, {"ClientName": "a", "ClientId": "1"},
            ]}},
            "p/1",
        ),
        (
            BRANDING, {"userPoolId": "p", "clientId": "c"},
            {"describe-managed-login-branding-by-client": {"ManagedLoginBranding": {"ManagedLoginBrandingId": "b"}}},
            "p,b",
        ),
    ],
)  # fmt: skip
def test_what_stands_before_the_cluster_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, type_: str, inputs: dict[str, Any], answers: Any, found: str | None
) -> None:
    """By its name, its place or its tag, and nobody else's."""
    fake(tmp_path, monkeypatch, "aws", answers)
    assert Aws(region="eu-west-1").find(type_, inputs, set()) == found


def test_a_key_that_is_being_deleted_is_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A destroyed stack leaves keys of the same name for weeks."""
    arns = {"ResourceTagMappingList": [{"ResourceARN": "arn:aws:kms:eu-west-1:1:key/a"}]}
    key = {"KeyMetadata": {"KeyId": "a", "KeyState": "PendingDeletion"}}
    fake(tmp_path, monkeypatch, "aws", {"get-resources": arns, "describe-key": key})
    assert Aws(region="eu-west-1").find("aws:kms/key:Key", {"tags": {"Name": "alisio-dev"}}, set()) is None


def test_a_rule_is_found_by_what_it_allows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another port, or another peer, is another rule."""
    rule = {
        "IsEgress": False, "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432,
        "ReferencedGroupInfo": {"GroupId": "sg-peer"},
    }  # fmt: skip
    rules = [{**rule, "SecurityGroupRuleId": "sgr-1"}, {**rule, "FromPort": 1, "SecurityGroupRuleId": "sgr-2"}]
    fake(tmp_path, monkeypatch, "aws", {"describe-security-group-rules": {"SecurityGroupRules": rules}})
    inputs = {
        "securityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432,
        "referencedSecurityGroupId": "sg-peer",
    }  # fmt: skip
    aws, type_ = Aws(region="eu-west-1"), "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    assert aws.find(type_, inputs, set()) == "sgr-1"
    assert aws.find(type_, {**inputs, "referencedSecurityGroupId": "sg-other"}, set()) is None


URN: Final = "urn:pulumi:dev::alisio::aws:rds/instance:Instance::database"
SECRET: Final = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}


def state(*resources: Mapping[str, Any]) -> dict[str, Any]:
    made = {"urn": URN, "type": "aws:rds/instance:Instance", "custom": True, "dependencies": ["urn:late"]}
    inputs = {"identifier": "db", "password": SECRET}
    pending = [{"type": "creating", "resource": {**made, "inputs": inputs}}]
    return {"version": 3, "deployment": {"resources": list(resources), "pending_operations": pending}}


def adopted(before: dict[str, Any]) -> dict[str, tuple[Pending, str]]:
    return {URN: (pending_in(before)[0], "db")}


def test_an_adopted_resource_stands_after_what_it_depends_on() -> None:
    """Pulumi refuses a state in another order. Taken up twice it is there once."""
    before = state({"urn": "urn:stack"}, {"urn": "urn:late"})
    once = adopting(before, adopted(before))
    assert [each["urn"] for each in once["deployment"]["resources"]] == ["urn:stack", "urn:late", URN]
    assert adopting(once, adopted(before)) == once
    once["deployment"]["pending_operations"] = []
    assert [each.urn for each in unread_in(once)] == [URN], "a recovery that is interrupted must find it again"


def test_a_replacement_takes_the_place_of_the_old_one() -> None:
    """The old one is deleted by the next `up`; what depends on it stands after the new one."""
    old: dict[str, Any] = {"urn": URN, "id": "old"}
    before = state({"urn": "urn:user", "dependencies": [URN]}, old, {"urn": "urn:late"})
    after = adopting(before, adopted(before))["deployment"]["resources"]
    assert [(each["urn"], each.get("id"), each.get("delete")) for each in after] == [
        ("urn:late", None, None),
        (URN, "db", None),
        ("urn:user", None, None),
        (URN, "old", True),
    ]


def test_what_the_cloud_never_tells_is_known_from_the_inputs() -> None:
    """A password is not read back: it stays the one that the resource was made with, encrypted as it was."""
    before = state({"urn": "urn:late"})
    read = adopting(before, adopted(before))
    resource = read["deployment"]["resources"][-1]
    resource["inputs"], resource["outputs"] = {"identifier": "db"}, {"identifier": "db", "endpoint": "db.aws"}
    after = settled(read, adopted(before))
    mended = after["deployment"]["resources"][-1]
    assert mended["inputs"] == {"identifier": "db", "password": SECRET}
    assert mended["outputs"] == {"identifier": "db", "password": SECRET, "endpoint": "db.aws"}
    assert pending_in(after) == unread_in(after) == []


class UnclearCloud:
    """Has two of everything."""

    def find(self, type_: str, inputs: Mapping[str, Any], known: Collection[str]) -> str | None:  # noqa: ARG002
        raise Unclear("there are two")

    def wait(self, type_: str, identifier: str) -> None:
        """Nothing takes time."""


def test_while_something_cannot_be_decided_the_state_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import would make Pulumi forget every begun operation, and the next `up` would make that resource twice."""
    before = state()
    vpc: dict[str, Any] = {"urn": f"{URN}-vpc", "type": "aws:ec2/vpc:Vpc", "custom": True, "inputs": {}}
    before["deployment"]["pending_operations"].append({"type": "creating", "resource": vpc})
    calls = fake(tmp_path, monkeypatch, "pulumi", {"whoami": {"url": f"file://{tmp_path}"}, "export": before})
    with pytest.raises(Refused, match="1 of these cannot be decided: the state is as it was"):
        recover(Pulumi(stack="dev", folder=tmp_path), UnclearCloud(), ask=False)
    assert not any("import" in line or "refresh" in line for line in calls.read_text().splitlines())


def test_the_kubeconfig_is_that_of_the_stacks_own_provider() -> None:
    """As JSON or YAML, secret or not; there is none before there is a cluster."""
    kubeconfig = {"kind": "Config"}
    secret = {**SECRET, "plaintext": json.dumps(json.dumps(kubeconfig))}
    for given in (json.dumps(kubeconfig), secret):
        resource = {"type": "pulumi:providers:kubernetes", "inputs": {"kubeconfig": given}}
        assert kubeconfig_in({"deployment": {"resources": [resource]}}) == kubeconfig
    assert kubeconfig_in({"deployment": {"resources": []}}) is None


def test_a_cluster_that_does_not_answer_is_one_line() -> None:
    """No traceback, no four attempts, and no secret of the kubeconfig."""
    kubeconfig = {
        "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "clusters": [{"name": "a", "cluster": {"server": "https://127.0.0.1:9"}}],
        "users": [{"name": "a", "user": {"token": "a-secret"}}],
    }
    with pytest.raises(UnreachableError, match="the cluster does not answer") as refused:
        Helm(kubeconfig).unfinished()
    assert "\n" not in str(refused.value)
    assert "a-secret" not in str(refused.value)


def test_files_of_attributes_that_were_begun_are_found(tmp_path: Path) -> None:
    """Of this stack only, and only what is no JSON."""
    folder = tmp_path / ".pulumi" / "stacks" / "alisio"
    folder.mkdir(parents=True)
    (folder / "dev.json.attrs").write_text("")
    (folder / "dev.json.bak.attrs").write_text("{}")
    (folder / "prod.json.attrs").write_text("")
    assert [file.name for file in damaged_attributes(f"file://{tmp_path}", "dev")] == ["dev.json.attrs"]
    assert damaged_attributes("s3://bucket", "dev") == []
