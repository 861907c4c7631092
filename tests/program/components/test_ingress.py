"""The way in from outside: closed, or one load balancer over TLS, for one host and for named networks."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest

from components.ingress import PORT_FORWARD
from components.parts.listeners import TLS_POLICY
from plan import Deployment, Resource, plan_stack
from plan.wire import walk
from settings.ingress import IDLE_SECONDS
from tests.program.facts import DOOR, EXISTING_NETWORK, origins, subnets
from tests.program.rendered import airflow_manifests, chart_values

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
BINDING = "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding"
GROUP = "aws:lb/targetGroup:TargetGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
LISTENER = "aws:lb/listener:Listener"
RECORD = "aws:route53/record:Record"
RULE = "aws:lb/listenerRule:ListenerRule"
EDGE = ("aws:lb/", "aws:acm/", "aws:route53/", "aws:wafv2/", "aws:cognito/", BINDING)
CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef"
HOST = "airflow.example.com"

# Where a request goes, by host and path: to Airflow, or nowhere.
ANSWERS = [
    (HOST, "/", "forward"),
    ("AIRFLOW.example.com", "/dags", "forward"),
    (HOST, "/api/v2/monitor/health", "forward"),
    (HOST, "/auth/token", "forward"),
    (HOST, "/executions", "forward"),
    (HOST, "/execution", "404"),
    (HOST, "/execution/", "404"),
    (HOST, "/execution/task-instances/1/run", "404"),
    ("elsewhere.example.com", "/", "404"),
    ("elsewhere.example.com", "/execution/health", "404"),
    ("203.0.113.7", "/", "404"),
    (f"evil.{HOST}", "/", "404"),
]
# Who may connect to whom, and on which ports: people, the load balancer, the pods.
REACH = """
                  load-balancer  nodes
203.0.113.0/24    80,443         -
load-balancer     -              8080
"""


def opened(**changes: Any) -> Deployment:
    """`dev` with a load balancer."""
    return plan_stack("dev", config_overrides={"ingress": {**DOOR, **changes}})


def edge(deployment: Deployment) -> list[Resource]:
    return [each for each in deployment.resources if each.type.startswith(EDGE)]


def listener(deployment: Deployment, port: int) -> Resource:
    (found,) = (each for each in deployment.of_type(LISTENER) if each.inputs["port"] == port)
    return found


def action(deployment: Deployment, host: str, path: str) -> dict[str, Any]:
    """What the load balancer does with a request over TLS: the first rule that fits, or the listener's own.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
    """
    secure = listener(deployment, 443)
    rules = [each for each in deployment.of_type(RULE) if origins(each, "listenerArn") == {secure.name}]
    for rule in sorted(rules, key=lambda each: int(each.inputs["priority"])):
        fits = [
            any(fnmatchcase(host.lower(), value.lower()) for value in condition["hostHeader"]["values"])
            if "hostHeader" in condition
            else any(fnmatchcase(path, value) for value in condition["pathPattern"]["values"])
            for condition in rule.plain_inputs["conditions"]
        ]
        if all(fits):
            return rule.plain_inputs["actions"][0]
    return secure.plain_inputs["defaultActions"][0]


def ports(rules: list[Resource]) -> str:
    assert all(
        each.inputs["ipProtocol"] == "tcp" and each.inputs["fromPort"] == each.inputs["toPort"] for each in rules
    )
    return ",".join(map(str, sorted(each.inputs["toPort"] for each in rules))) or "-"


def test_without_a_domain_there_is_nothing_to_reach(dev: Deployment) -> None:
    """No load balancer, certificate, name or firewall; the export is the command that forwards a port."""
    assert edge(dev) == []
    assert dev.children(dev.one("alisio:aws:Ingress").urn) == ()
    assert dev.outputs["airflow"] == PORT_FORWARD
    assert dev.outputs["loadBalancer"] == ""
    assert [each for each in dev.resources if each.inputs.get("mapPublicIpOnLaunch")] == []
    # Addresses that the internet sees, and does not reach.
    assert {each.name for each in dev.of_type("aws:ec2/eip:Eip")} == {"alisio-dev-network-nat-0"}


def test_the_way_in_is_tls(prod: Deployment) -> None:
    """Two listeners: 443 with the post-quantum policy and an issued certificate; 80, which sends to our own host."""
    assert {each.inputs["port"] for each in prod.of_type(LISTENER)} == {80, 443}
    secure = listener(prod, 443).plain_inputs
    assert (secure["protocol"], secure["sslPolicy"]) == ("HTTPS", TLS_POLICY)
    assert "-PQ-" in TLS_POLICY
    assert origins(listener(prod, 443), "certificateArn") == {"alisio-prod-certificate"}
    validation = prod.one("aws:acm/certificateValidation:CertificateValidation")
    assert validation.urn in prod.upstream(listener(prod, 443))
    assert listener(prod, 80).plain_inputs["defaultActions"] == [
        {
            "type": "redirect",
            "redirect": {"host": HOST, "protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"},
        }
    ]
    assert prod.outputs["airflow"] == f"https://{HOST}"


@pytest.mark.parametrize(("host", "path", "answer"), ANSWERS)
def test_one_host_is_answered_and_the_execution_api_is_not(prod: Deployment, host: str, path: str, answer: str) -> None:
    """Our host goes to the api-server, in capitals too. Other hosts, and what tasks report to, are not found."""
    found = action(prod, host, path)
    assert (found["fixedResponse"]["statusCode"] if "fixedResponse" in found else found["type"]) == answer


def test_browsers_are_told_to_be_careful(prod: Deployment) -> None:
    """TLS only for a year, no guessing of types, no frames of others, and no word on who answers."""
    found = listener(prod, 443).plain_inputs
    headers = {
        key.removeprefix("routingHttpResponse").removesuffix("HeaderValue"): value
        for key, value in found.items()
        if key.startswith("routingHttpResponse")
    }
    assert headers == {
        "StrictTransportSecurity": "max-age=31536000",
        "XContentTypeOptions": "nosniff",
        "XFrameOptions": "SAMEORIGIN",
        "ContentSecurityPolicy": "frame-ancestors 'self'; base-uri 'self'; object-src 'none'",
        "ServerEnabled": False,
    }


def test_who_reaches_which_port(prod: Deployment) -> None:
    """Every cell of the table, by rules that are resources of their own; the load balancer reaches nothing else."""
    balancer = prod.one("aws:ec2/securityGroup:SecurityGroup", "alisio-prod-load-balancer")
    assert {"ingress", "egress"} & balancer.inputs.keys() == set()
    incoming = list(prod.of_type(INGRESS))
    people = [each for each in incoming if origins(each, "securityGroupId") == {balancer.name}]
    pods = [each for each in incoming if origins(each, "referencedSecurityGroupId") == {balancer.name}]
    assert [origins(each, "securityGroupId") for each in pods] == [{"alisio-prod"}]
    assert {each.inputs.get("cidrIpv4") for each in people} == {"203.0.113.0/24"}
    out = list(prod.of_type(EGRESS))
    assert [origins(each, "securityGroupId") for each in out] == [{balancer.name}]
    assert [origins(each, "referencedSecurityGroupId") for each in out] == [{"alisio-prod"}]
    assert ports(out) == ports(pods)
    found = [
        ["load-balancer", "nodes"],
        ["203.0.113.0/24", ports(people), "-"],
        ["load-balancer", "-", ports(pods)],
    ]
    assert found == [line.split() for line in REACH.strip().splitlines()]


def test_it_stands_in_the_public_tier_and_is_open_to_whom_it_says(prod: Deployment) -> None:
    """The internet's has public addresses; an internal one has none, and lets the VPC in unless networks are named."""
    for deployment, internal in ((prod, False), (opened(scheme="internal", allowedCidrs=[]), True)):
        found = deployment.one(BALANCER)
        assert found.inputs["internal"] is internal
        assert origins(found, "subnets") == {each.name for each in subnets(deployment, "public")}
    internal = opened(scheme="internal", allowedCidrs=[])
    assert {each.inputs.get("cidrIpv4") for each in internal.of_type(INGRESS)} - {None} == {
        internal.one("aws:ec2/vpc:Vpc").inputs["cidrBlock"]
    }


def test_the_load_balancer_is_strict(prod: Deployment) -> None:
    """It drops odd headers, refuses what is ambiguous, lets nothing by when the firewall is down, and gives up an idle
    connection before the api-server does.
    """
    found = prod.one(BALANCER).plain_inputs
    wanted = {
        "loadBalancerType": "application",
        "dropInvalidHeaderFields": True,
        "desyncMitigationMode": "defensive",
        "enableWafFailOpen": False,
        "xffHeaderProcessingMode": "append",
        "idleTimeout": IDLE_SECONDS,
        "enableDeletionProtection": True,
    }
    assert {key: found[key] for key in wanted} == wanted
    # The default of [api] worker_timeout, which is also uvicorn's timeout_keep_alive.
    assert found["idleTimeout"] < int(chart_values(prod)["config"].get("api", {}).get("worker_timeout", 120))


def test_pods_are_registered_by_eks(prod: Deployment) -> None:
    """One binding, of the api-server's Service and port; EKS may register there, and touches no security group."""
    group = prod.one(GROUP)
    assert group.inputs["tags"]["eks:eks-cluster-name"] == prod.one("eks:index:Cluster").inputs["name"]
    assert (group.inputs["targetType"], group.inputs["protocol"]) == ("ip", "HTTP")
    assert group.inputs["healthCheck"]["path"] == "/api/v2/monitor/health"
    binding = prod.one(BINDING)
    assert binding.plain_inputs["metadata"]["namespace"] == "airflow"
    assert binding.plain_inputs["spec"] == {
        "targetGroupARN": group.outputs["arn"],
        "targetType": "ip",
        "serviceRef": {"name": "airflow-api-server", "port": 8080},
    }
    assert binding.replace_on_changes == ("spec.targetGroupARN",)
    # While no listener knows the target group, its targets are in no state that is healthy.
    before = prod.upstream(binding)
    assert {each.urn for each in (*prod.of_type(RULE), listener(prod, 443))} <= before
    namespaces = prod.one("alisio:kubernetes:AirflowNamespaces")
    assert {each.urn for each in prod.children(namespaces.urn)} <= before


def test_the_binding_finds_its_service() -> None:
    """The chart makes a Service of that name, with that port."""
    (service,) = (
        each
        for each in airflow_manifests("prod")
        if (each["kind"], each["metadata"]["name"]) == ("Service", "airflow-api-server")
    )
    assert {each["port"] for each in service["spec"]["ports"]} == {8080}


def test_names_and_certificate_are_as_the_zones_say() -> None:
    """A public zone takes proof and name. A private one takes the name, and the proof stays public. With a certificate
    of one's own there is no proof, and without a zone no name.
    """
    zones = {
        (): [("certificate-validation", "Z0123456789"), ("name", "Z0123456789")],
        ("privateZoneId",): [("certificate-validation", "Z0123456789"), ("name", "ZP")],
        ("certificateArn",): [("name", "Z0123456789")],
        ("certificateArn", "publicZoneId"): [],
    }
    values = {"privateZoneId": "ZP", "certificateArn": CERTIFICATE, "publicZoneId": None}
    for changed, wanted in zones.items():
        settings = {key: values[key] for key in changed}
        stack = opened(scheme="internal", **settings)
        found = [(each.name.removeprefix("alisio-dev-"), each.inputs["zoneId"]) for each in stack.of_type(RECORD)]
        assert sorted(found) == wanted
        own = "certificateArn" in changed
        assert bool(stack.of_type("aws:acm/certificate:Certificate")) is not own
        assert (listener(stack, 443).inputs["certificateArn"] == CERTIFICATE) is own
        assert stack.outputs["loadBalancer"] == stack.one(BALANCER).outputs["dnsName"]


def test_people_find_it_when_it_answers(prod: Deployment) -> None:
    """The name leads to the load balancer, and is there after its listeners and rules. A load balancer in a VPC that
    somebody else manages stands in its public subnets.
    """
    name = prod.one(RECORD, "alisio-prod-name")
    (alias,) = name.plain_inputs["aliases"]
    balancer = prod.one(BALANCER)
    assert (alias["name"], alias["zoneId"]) == (balancer.outputs["dnsName"], balancer.outputs["zoneId"])
    assert {each.urn for each in prod.of_type(RULE)} <= prod.upstream(name)
    other = plan_stack("dev", config_overrides={"network": EXISTING_NETWORK, "ingress": DOOR})
    assert other.one(BALANCER).plain_inputs["subnets"] == EXISTING_NETWORK["existing"]["publicSubnetIds"]


def test_airflow_is_told_of_it(prod: Deployment, dev: Deployment) -> None:
    """Its address, and whom to believe: uvicorn the load balancer's subnets, the pages of FAB nobody. Without a load
    balancer it is told nothing. Tasks report inside the cluster in both.
    """
    values = chart_values(prod)
    assert values["config"]["api"]["base_url"] == f"https://{HOST}"
    assert values["config"]["fab"] == {"cookie_secure": "True", "enable_proxy_fix": "False"}
    server = values["apiServer"]
    assert server["args"] == ["bash", "-c", "exec airflow api-server --proxy-headers"]
    (trusted,) = (each["value"] for each in server["env"] if each["name"] == "FORWARDED_ALLOW_IPS")
    assert trusted.split(",") == [each.inputs["cidrBlock"] for each in subnets(prod, "public")]
    closed = chart_values(dev)
    assert "base_url" not in closed["config"].get("api", {})
    assert "args" not in closed["apiServer"]
    assert "FORWARDED_ALLOW_IPS" not in str(closed)
    for name in ("prod", "dev"):
        configs = [str(each["data"]["airflow.cfg"]) for each in airflow_manifests(name) if each["kind"] == "ConfigMap"
                   and "airflow.cfg" in each.get("data", {})]  # fmt: skip
        assert configs
        for config in configs:
            assert "execution_api_server_url = http://airflow-api-server:8080/execution/" in config


def test_no_input_is_misspelt(prod: Deployment) -> None:
    """The SDK knows every key: one that it does not know stays in Python's spelling, and AWS would never see it."""
    for each in edge(prod):
        if each.type == BINDING:
            continue
        assert not [path for path, _ in walk(each.plain_inputs) if "_" in path], each.urn
