"""Small questions about a deployment that several tests ask."""

from __future__ import annotations

import re
from typing import Any

from plan import Deployment, Resource

EXISTING_NETWORK: dict[str, Any] = {
    "existing": {
        "vpcId": "vpc-0123456789abcdef0",
        "cidr": "10.8.0.0/16",
        "privateSubnetIds": ["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"],
        "dataSubnetIds": ["subnet-0bbbbbbbbbbbbbbb1", "subnet-0bbbbbbbbbbbbbbb2"],
        "dataCidrs": ["10.8.200.0/24", "10.8.201.0/24"],
        "publicCidrs": ["10.8.250.0/24"],
        "publicSubnetIds": ["subnet-0cccccccccccccccc", "subnet-0ccccccccccccccc1"],
    }
}
"""Setting `network` of a stack in a VPC that somebody else manages."""

DOOR: dict[str, Any] = {
    "domain": "airflow.corp.net",
    "publicZoneId": "Z0123456789",
    "scheme": "internetFacing",
    "allowedCidrs": ["198.18.0.0/15", "198.51.100.7/32"],
}
"""Setting `ingress` of a stack that people reach from the internet."""

SIGN_ON: dict[str, Any] = {
    "access": {
        "issuer": "https://id.example.com:8443/realms/company",
        "clientId": "airflow",
        "scopes": ["openid", "email", "groups"],
        "roles": {"airflow-admins": "Admin", "everyone": "Viewer"},
        "contact": "the platform team",
        "machines": [
            {
                "name": "deploy",
                "issuer": "https://token.actions.githubusercontent.com",
                "subject": "repo:my-company@1/my-dags@2:environment:production",
                "role": "Op",
            },
            {
                "name": "nightly",
                "issuer": "https://ci.example.com:9444",
                "subject": "job",
                "role": "User",
                "audience": "ci",
            },
        ],
    },
    "accessSecret": {"secure": "djE6"},
}
"""Settings of a stack whose people sign in at a provider, with its secret encrypted in the stack file."""
USER_POOL: dict[str, Any] = {"access": {"contact": "the platform team", "cognito": {"domainPrefix": "my-company"}}}
"""Settings of a stack whose people are in a user pool that the program makes."""


ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
MIRRORED: dict[str, Any] = {
    "image": {"repository": f"{ECR}/airflow", "tag": "3.3.2-ours"},
    "kedaRegistry": f"{ECR}/ghcr",
    "workerGroups": [{"name": "main"}, {"name": "heavy"}],
}
"""Setting `airflow` of a stack whose images all lie in ECR."""

TOLD: dict[str, Any] = {
    "emails": ["platform@example.com", "on-call@example.com"],
    "httpsEndpoints": ["https://events.pager.example.com/integration/1/enqueue"],
    "slack": {"teamId": "T0123ABCD", "channelId": "C0123ABCD"},
    "teams": {
        "teamId": "01234567-89ab-cdef-0123-456789abcdef",
        "tenantId": "11234567-89ab-cdef-0123-456789abcdef",
        "channelId": "19:ab6@thread.tacv2",
    },
    "monthlyBudgetUsd": 500,
    "pauses": [{"name": "nights", "cron": "0 20 * * 1-5", "hours": 10, "timezone": "Europe/Lisbon"}],
}
"""Setting `monitoring` of a stack that tells people in every way there is."""


def minutes(timeout: str) -> int:
    """A timeout of Pulumi's, as the program writes it and as the engine is told: `90m` or `1h30m0s`."""
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([hms])", timeout)) // 60


def origins(resource: Resource, *properties: str) -> set[str]:
    """Names of the resources whose outputs these properties are made of: what an id stands for."""
    urns = {urn for name in properties for urn in resource.property_dependencies.get(name, ())}
    return {urn.rpartition("::")[2] for urn in urns}


def subnets(deployment: Deployment, tier: str) -> list[Resource]:
    """The subnets of a tier, in the order of their zones."""
    start = f"alisio-{deployment.stack}-network-{tier}-"
    return [each for each in deployment.of_type("aws:ec2/subnet:Subnet") if each.name.startswith(start)]
