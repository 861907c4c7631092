"""What a destroyed stack has left is found by its marks and deleted; nothing else is touched. Against moto's AWS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plan.program import CHECKOUT
from refused import Refused
from scripts.sweep.kinds import KINDS
from scripts.sweep.look import look
from scripts.sweep.marks import Marks, marks
from scripts.sweep.sweep import sweep

REGION = "eu-west-1"
MARKS = Marks(prefix="alisio-dev", region=REGION, own={"project": ["alisio"], "stack": ["dev"]})
OWN = {"project": "alisio", "stack": "dev"}
OTHERS = {"project": "alisio", "stack": "prod"}
NODES = {"eks:eks-cluster-name": "alisio-dev"}
CLUSTER = {"type": "aws:eks/cluster:Cluster", "id": "alisio-dev"}


def pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tagged(kind: str, tags: dict[str, str]) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": pairs(tags)}]


def volume(client: Any, tags: dict[str, str]) -> str:
    made = client("ec2").create_volume(AvailabilityZone=f"{REGION}a", Size=1, TagSpecifications=tagged("volume", tags))
    return made["VolumeId"]


def balancer(client: Any, tags: dict[str, str], name: str) -> str:
    subnets = client("ec2").describe_subnets()["Subnets"]
    made = client("elbv2").create_load_balancer(
        Name=name, Subnets=[each["SubnetId"] for each in subnets[:2]], Tags=pairs(tags)
    )
    return made["LoadBalancers"][0]["LoadBalancerArn"]


def target_group(client: Any, tags: dict[str, str]) -> str:
    vpc = client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    made = client("elbv2").create_target_group(Name="left", Protocol="HTTP", Port=80, VpcId=vpc, Tags=pairs(tags))
    return made["TargetGroups"][0]["TargetGroupArn"]


def security_group(client: Any, tags: dict[str, str], name: str) -> str:
    made = client("ec2").create_security_group(
        GroupName=name, Description=name, TagSpecifications=tagged("security-group", tags)
    )
    return made["GroupId"]


def ids(client: Any, state: list[dict[str, Any]] | None = None) -> set[str]:
    return {thing.id for thing in look(MARKS, state or [], client)}


def test_each_kind_is_found_and_deleted_in_order(client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """By the program's tags, by those of the cluster, and log groups by their names. A second sweep finds nothing."""
    subnet = client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    left = {
        balancer(client, OWN, "left"),
        volume(client, NODES),
        volume(client, {"kubernetes.io/cluster/alisio-dev": "owned"}),
        security_group(client, {"aws:eks:cluster-name": "alisio-dev", "x": "y"}, "eks-cluster-sg"),
        client("ec2").create_network_interface(SubnetId=subnet, TagSpecifications=tagged("network-interface", NODES))[
            "NetworkInterface"
        ]["NetworkInterfaceId"],
        target_group(client, OWN),
    }
    for name in ("/aws/eks/alisio-dev/cluster", "/aws/containerinsights/alisio-dev/application"):
        client("logs").create_log_group(logGroupName=name)
        left.add(name)
    assert ids(client) == left
    sweep(MARKS, [], client, ask=False)
    assert "8 deleted" in capsys.readouterr().out
    assert ids(client) == set()


def test_a_public_address_goes_too(client: Any) -> None:
    """moto's tagging API leaves addresses out, so what the kind does is seen by itself."""
    [kind] = [each for each in KINDS if each.title == "public address"]
    made = client("ec2").allocate_address(Domain="vpc")["AllocationId"]
    assert kind.named(f"arn:aws:ec2:{REGION}:123456789012:elastic-ip/{made}") == made
    assert [thing.id for thing in kind.look(client("ec2"), [made, "eipalloc-0"])] == [made]
    kind.delete(client("ec2"), made)
    assert list(kind.look(client("ec2"), [made])) == []


def test_what_is_another_stacks_stays(client: Any) -> None:
    """Also where only one letter of a name differs, and where only one of two tags is ours."""
    stays = [volume(client, OTHERS), volume(client, {"project": "alisio"}), volume(client, {"x": "y"})]
    stays.append(volume(client, {"eks:eks-cluster-name": "alisio-dev2"}))
    stays.append(volume(client, {"kubernetes.io/cluster/alisio-dev": "shared"}))
    client("logs").create_log_group(logGroupName="/aws/eks/alisio-dev2/cluster")
    sweep(MARKS, [], client, ask=False)
    assert {each["VolumeId"] for each in client("ec2").describe_volumes()["Volumes"]} == set(stays)
    assert len(client("logs").describe_log_groups()["logGroups"]) == 1


def test_what_the_state_knows_is_not_left(client: Any) -> None:
    """By its id or its ARN; and while the cluster is in the state, its nodes and their volumes are at work."""
    of_cluster, own, arn = volume(client, NODES), volume(client, OWN), balancer(client, OWN, "known")
    state = [CLUSTER, {"type": "x", "id": own}, {"type": "y", "id": "z", "outputs": {"arn": arn}}]
    assert ids(client, state) == set()
    assert ids(client, state[1:]) == {of_cluster}


def test_what_somebody_holds_is_told_and_left(client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """A volume of a running instance, the data, and the keys that it is encrypted with."""
    image = client("ec2").describe_images()["Images"][0]["ImageId"]
    instance = client("ec2").run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    held = volume(client, OWN)
    client("ec2").attach_volume(VolumeId=held, InstanceId=instance, Device="/dev/sdf")
    client("s3").create_bucket(Bucket="alisio-dev-data", CreateBucketConfiguration={"LocationConstraint": REGION})
    client("s3").put_bucket_tagging(Bucket="alisio-dev-data", Tagging={"TagSet": pairs(OWN)})
    sweep(MARKS, [], client, ask=False, machine=True)
    said = json.loads(capsys.readouterr().out)
    assert said["deleted"] == said["failed"] == []
    assert {each["id"]: each["stays"] for each in said["kept"]} == {
        held: f"in use by {instance}: it goes with that",
        "arn:aws:s3:::alisio-dev-data": "kept: the data is yours",
    }


def test_what_aws_refuses_is_said_in_its_words_and_can_be_tried_again(client: Any) -> None:
    """A target group that somebody's listener forwards to cannot go. Everything else went."""
    group, other = target_group(client, OWN), balancer(client, OTHERS, "other")
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    listener = client("elbv2").create_listener(LoadBalancerArn=other, Protocol="HTTP", Port=80, DefaultActions=forward)[
        "Listeners"
    ][0]["ListenerArn"]
    gone = volume(client, OWN)
    with pytest.raises(Refused, match=f"1 of 2 could not be deleted:\n{group}: .* in use by a listener") as refused:
        sweep(MARKS, [], client, ask=False, patience=0)
    assert refused.value.way_out == "run this again"
    assert ids(client) == {group} != {gone}
    client("elbv2").delete_listener(ListenerArn=listener)
    sweep(MARKS, [], client, ask=False)
    assert ids(client) == set()


def test_a_state_that_does_not_know_the_cluster_is_the_wrong_one(client: Any) -> None:
    """Whoever is logged in to another backend would delete a stack that runs."""
    kept = volume(client, NODES)
    client("eks").create_cluster(
        name="alisio-dev", roleArn="arn:aws:iam::123456789012:role/eks", resourcesVpcConfig={"subnetIds": []}
    )
    with pytest.raises(Refused, match="nothing was deleted"):
        sweep(MARKS, [], client, ask=False)
    assert ids(client, [CLUSTER, {"type": "x", "id": "y"}]) == set()
    assert [each["VolumeId"] for each in client("ec2").describe_volumes()["Volumes"]] == [kept]


def test_nothing_goes_without_a_yes(client: Any) -> None:
    """And where nobody can be asked, nothing goes either."""
    kept = volume(client, OWN)
    with pytest.raises(Refused, match="nobody is there to be asked"):
        sweep(MARKS, [], client)
    assert ids(client) == {kept}


def test_marks_are_those_of_the_stack_file() -> None:
    """The tags that the program gives to all that it makes, and the names that EKS takes from the cluster's."""
    assert marks("dev") == MARKS


@pytest.mark.parametrize(("cut", "missing"), [(", stack: dev }", "'dev'"), ("project: alisio, ", "'alisio'")])
def test_tags_that_do_not_name_the_stack_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: str, missing: str
) -> None:
    """With the project alone, dev's sweep would take what prod has left; with the stack alone, another project's."""
    text = (CHECKOUT / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    assert cut in text
    left = " }" if cut.endswith("}") else ""
    (tmp_path / "Pulumi.dev.yaml").write_text(text.replace(cut, left), encoding="utf-8")
    monkeypatch.setattr("scripts.sweep.marks.CHECKOUT", tmp_path)
    with pytest.raises(Refused, match=f"aws:defaultTags has no tag with the value {missing}, so"):
        marks("dev")
