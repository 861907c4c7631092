"""What is right is accepted, becomes immutable, and keeps its promises."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from settings import SettingsError, StackSettings
from settings.stack_file import read_stack, stack_file, stacks_of
from tests.program.settings.case import stack_of

CHECKOUT = Path(__file__).parents[3]


def test_the_shipped_stacks_are_those_that_are_tried() -> None:
    """dev and prod ship; another stack file that appears is tried too."""
    assert {"dev", "prod"} <= set(stacks_of(CHECKOUT))


@pytest.mark.parametrize("stack", stacks_of(CHECKOUT))
def test_every_shipped_stack_is_right(stack: str) -> None:
    """A stack file of the repository has no mistake."""
    assert read_stack(stack_file(CHECKOUT, stack)).site.prefix == f"alisio-{stack}"


def test_a_stack_needs_no_more_than_who_and_where() -> None:
    """Deployer, region and account are all that a stack must say; everything else has its default."""
    stack = stack_of("")
    assert stack.settings == StackSettings(deployer=stack.site.deployer)
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
        "network: {cidr: 100.64.0.0/16}",
        "network: {existing: null}",
        "airflow: {config: {core: {parallelism: '16'}}}",
        "airflow: {longestTaskHours: 1, workerGroups: [{name: a, minWorkers: 3, maxWorkers: 3, graceMinutes: 60}]}",
    ],
)
def test_what_stands_just_inside_the_rules_is_accepted(settings: str) -> None:
    """A rule refuses what it means, and no more."""
    assert stack_of(settings)


def test_an_offline_network_is_right_with_its_endpoints_and_an_image_in_ecr() -> None:
    """Without NAT the platform needs interface endpoints and a registry within reach, and then is content."""
    endpoints = "[ec2, ecr.api, ecr.dkr, eks, eks-auth, elasticloadbalancing, logs, secretsmanager, sts]"
    image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/airflow"
    stack = stack_of(
        f"network: {{nat: none, interfaceEndpoints: {endpoints}}}\nairflow: {{image: {{repository: {image}}}}}"
    )
    assert stack.settings.network.nat == "none"
