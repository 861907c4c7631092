"""What is right is accepted, becomes immutable, and keeps its promises."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from settings import ClusterSettings, SettingsError, StackSettings
from settings.stack_file import read_stack, stack_file, stacks_of
from tests.program.settings.case import stack_of
from tests.program.settings.cases_access import MACHINE, ON, POOL, ROLES, SSO, issuer, with_sso

CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef"
CHECKOUT = Path(__file__).parents[3]


def test_the_shipped_stacks_are_those_that_are_tried() -> None:
    """dev and prod ship; another stack file that appears is tried too."""
    assert {"dev", "prod"} <= set(stacks_of(CHECKOUT))


@pytest.mark.parametrize("stack", stacks_of(CHECKOUT))
def test_every_shipped_stack_is_right(stack: str) -> None:
    """A stack file of the repository has no mistake."""
    assert read_stack(stack_file(CHECKOUT, stack)).site.prefix == f"alisio-{stack}"


def test_a_stack_needs_no_more_than_who_and_where() -> None:
    """Deployer, region, account and who reaches the cluster are all that a stack must say; the rest has its default."""
    stack = stack_of("")
    cluster = ClusterSettings.model_validate_json('{"publicAccessCidrs": ["203.0.113.0/24"]}')
    assert stack.settings == StackSettings(deployer=stack.site.deployer, cluster=cluster)
    assert (stack.site.region, stack.site.account_id) == ("eu-west-1", "111122223333")
    assert stack.settings.protect


def test_the_defaults_are_right_in_production_but_for_the_one_nat_gateway() -> None:
    """A production stack that says no more must choose what its NAT costs, and nothing else."""
    with pytest.raises(SettingsError) as caught:
        stack_of("production: true")
    assert [mistake.path for mistake in caught.value.mistakes] == ["alisio:network.nat"]
    assert stack_of("production: true\nnetwork: {nat: perZone}").settings.production


def test_settings_do_not_change() -> None:
    """No component can alter what another one reads."""
    settings = stack_of("").settings
    for model, field in (
        (settings, "protect"),
        (settings.cache, "replicas"),
        (settings.airflow.worker_groups[0], "queue"),
        (settings.airflow.api_server, "cpu"),
    ):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(model, field, getattr(model, field))
    with pytest.raises(AttributeError):
        setattr(stack_of("").site, "region", "eu-west-2")  # noqa: B010 - a static error otherwise


def test_a_worker_group_serves_the_queue_of_its_name_unless_it_says_another() -> None:
    """A task finds the group by the group's name."""
    groups = stack_of(
        "airflow: {workerGroups: [{name: bulk}, {name: main, queue: default}]}"
    ).settings.airflow.worker_groups
    assert [group.queue_name for group in groups] == ["bulk", "default"]


@pytest.mark.parametrize(
    "settings",
    [
        "airflow: {databaseCleanup: {schedule: '*/15 0-6 1,15 jan-mar MON'}}",
        "dataStore: {performanceInsightsDays: 713}",
        "dataStore: {performanceInsightsDays: 731}",
        "dataStore: {performanceInsights: false, instanceClass: db.t4g.micro}",
        "dataStore: {backupWindow: 23:45-00:15}",
        "dataStore: {backupWindow: 03:30-04:00}",
        "cache: {replicas: 0, multiAz: false}",
        "cache: {snapshotDays: 0, snapshotWindow: 05:30-06:30}",
        "cluster: {publicAccessCidrs: [10.0.0.0/8, 203.0.113.7/32]}",
        "cluster: {privateAccessCidrs: [10.0.0.0/8]}",
        "cluster: {privateAccessSecurityGroupIds: [sg-0123456789abcdef0]}",
        "network: {cidr: 100.64.0.0/16}",
        "network: {existing: null}",
        "ingress: {}",
        "ingress: {domain: null}",
        "ingress: {domain: a.example.com, publicZoneId: Z1}",
        f"ingress: {{domain: a.example.com, certificateArn: {CERTIFICATE}}}",
        f"ingress: {{domain: {'a' * 57}.example.com, certificateArn: {CERTIFICATE}, privateZoneId: Z1}}",
        "ingress: {domain: a.example.com, publicZoneId: Z1, privateZoneId: Z2}",
        "ingress: {domain: a.example.com, publicZoneId: Z1, scheme: internetFacing, allowedCidrs: [0.0.0.0/0]}",
        "monitoring: {}",
        "monitoring: {enabled: false}",
        "monitoring: {alarms: false, monthlyBudgetUsd: 9, emails: [a@example.com]}",
        "monitoring: {enabled: false}\nairflow: {config: {metrics: {statsd_on: 'True', statsd_host: localhost}}}",
        "monitoring: {pauses: [{name: night, cron: 0 20 * * 1-5, hours: 360, timezone: America/Sao_Paulo}]}",
        "access: {}",
        "access: {breakGlass: false, machines: []}",
        with_sso(f"{ON}, machines: [{{{MACHINE}, subject: a}}, {{{MACHINE.replace('ci', 'cd')}, subject: b}}]"),
        with_sso(f"{SSO}, secretName: sso, roles: {{everyone: Viewer}}, breakGlass: true"),
        with_sso(f"{SSO}, {ROLES}", more="accessSecret: hush"),
        with_sso(POOL),
        with_sso(f"{POOL}, roles: {{chefs: Admin, équipe: User}}"),
        with_sso(f"{ON}, groupsClaim: sub"),
        with_sso(f"{ON}, scopes: [openid, 'https://example.com/groups']"),
        issuer("https://login.microsoftonline.com/01234567-89ab-cdef-0123-456789abcdef/v2.0"),
        issuer("https://keycloak.example.com:8443/realms/company"),
        issuer("https://example.eu.auth0.com/"),
        with_sso(ON, more="airflow: {config: {core: {parallelism: '16'}, api: {worker_timeout: '61'}}}"),
        with_sso(ON, more="airflow: {values: {apiServer: {replicas: 3}, triggerer: {env: []}}}"),
        "airflow: {config: {core: {auth_manager: x}, fab: {cache_ttl: '2'}}, values: {apiServer: {env: []}}}",
        "airflow: {config: {api: {base_url: 'http://localhost:9090'}}}",
        "airflow: {config: {core: {parallelism: '16'}}}",
        "airflow: {longestTaskHours: 1, workerGroups: [{name: a, minWorkers: 3, maxWorkers: 3, graceMinutes: 60}]}",
    ],
)
def test_what_stands_just_inside_the_rules_is_accepted(settings: str) -> None:
    """A rule refuses what it means, and no more."""
    assert stack_of(settings)


def test_an_offline_network_is_right_with_its_endpoints_and_images_in_ecr() -> None:
    """Without NAT the platform needs interface endpoints and registries within reach, and then is content."""
    endpoints = "[ec2, ecr.api, ecr.dkr, eks, eks-auth, elasticloadbalancing, logs, monitoring, secretsmanager, sts]"
    registry = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
    stack = stack_of(
        f"network: {{nat: none, interfaceEndpoints: {endpoints}}}\n"
        f"airflow: {{image: {{repository: {registry}/airflow}}, kedaRegistry: {registry}}}"
    )
    assert stack.settings.network.nat == "none"
