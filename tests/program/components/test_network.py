"""The network: three tiers that are what they are called, and no way in but those that are named."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from components.parts.subnets import divide
from plan import Deployment, Resource, plan_stack
from settings.network import OFFLINE_ENDPOINTS
from tests.program.facts import MIRRORED, origins
from tests.program.facts import subnets as tier

SUBNET = "aws:ec2/subnet:Subnet"
ANYWHERE = "0.0.0.0/0"
# `dev` watches a prefix: its triggerer asks a queue. And it is measured.
ENDPOINTS = (*OFFLINE_ENDPOINTS, "monitoring", "sqs")
VPC = "vpc-0123456789abcdef0"
EXISTING = {
    "vpcId": VPC,
    "cidr": "10.8.0.0/16",
    "privateSubnetIds": ["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"],
    "dataSubnetIds": ["subnet-0bbbbbbbbbbbbbbb1", "subnet-0bbbbbbbbbbbbbbb2"],
    "dataCidrs": ["10.8.200.0/24", "10.8.201.0/24"],
}


def routes_of(deployment: Deployment, subnet: Resource) -> list[Resource]:
    """The routes that the subnet's table has beside the VPC's own."""
    tables = [
        origins(each, "routeTableId")
        for each in deployment.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
        if origins(each, "subnetId") == {subnet.name}
    ]
    assert len(tables) == 1, subnet.name
    return [each for each in deployment.of_type("aws:ec2/route:Route") if origins(each, "routeTableId") == tables[0]]


def names(deployment: Deployment, token: str) -> set[str]:
    return {each.name for each in deployment.of_type(token)}


def test_every_zone_has_a_subnet_of_each_tier(stack: Deployment) -> None:
    """Public, private and data subnets stand in the zones of the settings, two in dev and three in prod."""
    zones = {"dev": ["eu-west-1a", "eu-west-1b"], "prod": ["eu-west-1a", "eu-west-1b", "eu-west-1c"]}[stack.stack]
    for name in ("public", "private", "data"):
        assert [each.inputs["availabilityZone"] for each in tier(stack, name)] == zones
    assert len(stack.of_type(SUBNET)) == 3 * len(zones)


def test_subnets_share_no_address(stack: Deployment) -> None:
    """Subnets lie in the VPC and do not overlap; private ones have room for more than 16,000 pods each."""
    vpc = IPv4Network(stack.one("aws:ec2/vpc:Vpc").inputs["cidrBlock"])
    networks = [IPv4Network(each.inputs["cidrBlock"]) for each in stack.of_type(SUBNET)]
    assert all(each.subnet_of(vpc) for each in networks)
    for index, one in enumerate(networks):
        assert not any(one.overlaps(other) for other in networks[index + 1 :])
    assert all(IPv4Network(each.inputs["cidrBlock"]).num_addresses > 16_000 for each in tier(stack, "private"))


def test_a_third_zone_moves_no_subnet() -> None:
    """The ranges of two zones are the first of three: adding a zone replaces nothing."""
    two, three = divide("10.0.0.0/16", 2), divide("10.0.0.0/16", 3)
    assert (two.private, two.public, two.data) == (three.private[:2], three.public[:2], three.data[:2])


def test_each_tier_has_its_way_out(stack: Deployment) -> None:
    """Public subnets reach the internet, private ones through NAT, data subnets not at all."""
    internet = names(stack, "aws:ec2/internetGateway:InternetGateway")
    nat = names(stack, "aws:ec2/natGateway:NatGateway")
    for subnet in tier(stack, "public"):
        (route,) = routes_of(stack, subnet)
        assert (route.inputs["destinationCidrBlock"], origins(route, "gatewayId")) == (ANYWHERE, internet)
    for subnet in tier(stack, "private"):
        (route,) = routes_of(stack, subnet)
        assert route.inputs["destinationCidrBlock"] == ANYWHERE
        assert origins(route, "natGatewayId") <= nat
        assert origins(route, "natGatewayId")
    for subnet in tier(stack, "data"):
        assert routes_of(stack, subnet) == []


def test_no_zone_depends_on_anothers_nat_gateway(prod: Deployment) -> None:
    """In prod each private subnet leaves by the NAT gateway of its own zone."""
    zones = {each.name: each.inputs["availabilityZone"] for each in tier(prod, "public")}
    gateways = {
        each.name: zones[origins(each, "subnetId").pop()] for each in prod.of_type("aws:ec2/natGateway:NatGateway")
    }
    for subnet in tier(prod, "private"):
        (route,) = routes_of(prod, subnet)
        assert gateways[origins(route, "natGatewayId").pop()] == subnet.inputs["availabilityZone"]


def test_one_nat_gateway_is_enough_for_dev(dev: Deployment) -> None:
    """`nat: single` pays for one."""
    assert len(dev.of_type("aws:ec2/natGateway:NatGateway")) == 1


def test_no_instance_gets_a_public_address_by_itself(stack: Deployment) -> None:
    """Not even public subnets hand out addresses: load balancers ask for theirs."""
    assert not any(each.inputs["mapPublicIpOnLaunch"] for each in stack.of_type(SUBNET))


def test_load_balancers_find_their_subnets(stack: Deployment) -> None:
    """EKS places load balancers by these tags, and never among the data."""
    roles = {"public": "kubernetes.io/role/elb", "private": "kubernetes.io/role/internal-elb", "data": None}
    for name, wanted in roles.items():
        for subnet in tier(stack, name):
            found = {key for key in subnet.inputs["tags"] if key.startswith("kubernetes.io/role/")}
            assert found == ({wanted} if wanted else set())


def test_the_default_security_group_allows_nothing(stack: Deployment) -> None:
    """Who forgets to name a security group gets one without rules."""
    group = stack.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").inputs
    assert "ingress" not in group
    assert "egress" not in group


def test_security_groups_open_database_and_broker_to_the_cluster_only(stack: Deployment) -> None:
    """Two doors: 5432 and 6379, each from the cluster's security group, by rules of their own, and no way out."""
    cluster = stack.one("eks:index:Cluster").outputs["clusterSecurityGroupId"]
    # What the load balancer opens is in test_ingress.py.
    door = [each.urn for each in stack.resources if each.parent == stack.one("alisio:aws:Ingress").urn]
    door += [each.urn for each in stack.resources if each.name == f"alisio-{stack.stack}-from-load-balancer"]
    rules = [
        each
        for each in stack.resources
        if "securityGroup" in each.type and "Rule" in each.type and each.urn not in door
    ]
    doors = [
        (*origins(each, "securityGroupId"), each.inputs["ipProtocol"], each.inputs["fromPort"], each.inputs["toPort"])
        for each in rules
        if each.inputs.get("referencedSecurityGroupId") == cluster and "Ingress" in each.type
    ]
    prefix = f"alisio-{stack.stack}"
    assert sorted(doors) == [
        (f"{prefix}-cache-access", "tcp", 6379, 6379),
        (f"{prefix}-data-store-access", "tcp", 5432, 5432),
    ]
    assert len(rules) == len(doors)
    assert not any("cidrIpv4" in each.inputs or "cidrIpv6" in each.inputs for each in rules)
    for group in stack.of_type("aws:ec2/securityGroup:SecurityGroup"):
        assert not {"ingress", "egress"} & set(group.inputs), group.name


def test_database_and_broker_use_those_doors(stack: Deployment) -> None:
    """The security groups above are the only ones of database and broker."""
    database = stack.one("aws:rds/instance:Instance")
    broker = stack.one("aws:elasticache/replicationGroup:ReplicationGroup")
    assert origins(database, "vpcSecurityGroupIds") == {f"alisio-{stack.stack}-data-store-access"}
    assert origins(broker, "securityGroupIds") == {f"alisio-{stack.stack}-cache-access"}


def test_s3_is_reached_without_nat(stack: Deployment) -> None:
    """The free gateway endpoint serves every private and data subnet."""
    endpoint = stack.one("aws:ec2/vpcEndpoint:VpcEndpoint")
    tables = names(stack, "aws:ec2/routeTable:RouteTable") - {f"alisio-{stack.stack}-network-public"}
    assert endpoint.inputs["serviceName"] == "com.amazonaws.eu-west-1.s3"
    assert origins(endpoint, "routeTableIds") == tables


def test_connections_are_recorded(stack: Deployment) -> None:
    """Flow logs hold accepted and refused connections, encrypted, for as long as the settings say."""
    flows = stack.one("aws:ec2/flowLog:FlowLog").inputs
    logs = stack.one("aws:cloudwatch/logGroup:LogGroup", f"alisio-{stack.stack}-network-flow-logs")
    assert (flows["trafficType"], flows["logDestination"]) == ("ALL", logs.outputs["arn"])
    assert logs.inputs["retentionInDays"] == {"dev": 7, "prod": 90}[stack.stack]


def test_every_log_group_is_encrypted_and_ends(stack: Deployment) -> None:
    """No log group of the platform is kept for ever or lies in the open."""
    keys = {each.outputs["arn"] for each in stack.of_type("aws:kms/key:Key")}
    for group in stack.of_type("aws:cloudwatch/logGroup:LogGroup"):
        assert group.inputs["retentionInDays"] > 0, group.name
        assert group.inputs["kmsKeyId"] in keys, group.name


@pytest.fixture(scope="module")
def offline() -> Deployment:
    """`dev` without NAT."""
    network = {"zones": ["a", "b"], "nat": "none", "interfaceEndpoints": list(ENDPOINTS)}
    # The public registries of images cannot be reached either.
    return plan_stack("dev", config_overrides={"network": network, "airflow": MIRRORED})


def test_without_nat_private_subnets_have_endpoints_instead(offline: Deployment) -> None:
    """`nat: none` leaves no route to the internet, and an endpoint in every zone for each service in the settings."""
    assert offline.of_type("aws:ec2/natGateway:NatGateway") == ()
    private = tier(offline, "private")
    assert all(routes_of(offline, each) == [] for each in private)
    endpoints = [
        each
        for each in offline.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
        if each.inputs["vpcEndpointType"] == "Interface"
    ]
    services = {each.inputs["serviceName"].removeprefix("com.amazonaws.eu-west-1.") for each in endpoints}
    assert services == set(ENDPOINTS)
    for each in endpoints:
        assert each.inputs["privateDnsEnabled"] is True
        assert origins(each, "subnetIds") == {subnet.name for subnet in private}


def test_endpoints_answer_private_subnets_only(offline: Deployment) -> None:
    """HTTPS from nodes and pods, and nothing from anywhere else."""
    rules = [
        each.inputs
        for each in offline.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if "cidrIpv4" in each.inputs
    ]
    assert {each["cidrIpv4"] for each in rules} == {each.inputs["cidrBlock"] for each in tier(offline, "private")}
    assert {(each["fromPort"], each["toPort"], each["ipProtocol"]) for each in rules} == {(443, 443, "tcp")}


def test_an_existing_vpc_is_used_as_it_is() -> None:
    """With `existing` nothing of a network is made, and cluster, database and broker stand in its subnets."""
    adopted = plan_stack("dev", config_overrides={"network": {"existing": EXISTING}})
    assert adopted.children(adopted.one("alisio:aws:Network").urn) == ()
    assert adopted.one("eks:index:Cluster").inputs["privateSubnetIds"] == EXISTING["privateSubnetIds"]
    for token in ("aws:rds/subnetGroup:SubnetGroup", "aws:elasticache/subnetGroup:SubnetGroup"):
        assert adopted.one(token).inputs["subnetIds"] == EXISTING["dataSubnetIds"]
    assert {each.inputs["vpcId"] for each in adopted.of_type("aws:ec2/securityGroup:SecurityGroup")} == {VPC}
