"""Rules across components.

A rule names in its parameters the settings that it needs: keys of a stack file in Python's spelling, or `prefix`, the
first part of every name in the cloud. It is asked when all of them are valid by themselves.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any

from settings.airflow import AirflowSettings
from settings.base import Mistake
from settings.buckets import BucketsSettings
from settings.cache import CacheSettings
from settings.cluster import ClusterSettings
from settings.data_store import DataStoreSettings
from settings.names import AUTONAMING
from settings.network import NetworkSettings
from settings.stack import AwsSettings, StackSettings

Rule = Callable[..., Iterator[Mistake]]

KNOWN = frozenset({"prefix", *StackSettings.model_fields, *AwsSettings.model_fields})
_needs: dict[Rule, tuple[str, ...]] = {}


def rule(check: Rule) -> Rule:
    """Ask this rule about every stack. A parameter that is not a setting fails at import."""
    needs = tuple(inspect.signature(check).parameters)
    if unknown := sorted(set(needs) - KNOWN):
        raise TypeError(f"rule {check.__name__} needs {', '.join(unknown)}; known are {', '.join(sorted(KNOWN))}")
    _needs[check] = needs
    return check


@rule
def worker_role_names_fit(prefix: str, airflow: AirflowSettings) -> Iterator[Mistake]:
    for index, group in enumerate(airflow.worker_groups):
        excess = len(f"{prefix}-airflow-worker-{group.name}") + AUTONAMING - 64
        if excess > 0:
            yield Mistake(
                f"airflow.workerGroups[{index}].name",
                f"too long for an IAM role of this stack (64 characters); shorten it by {excess}",
                group.name,
            )


@rule
def services_do_not_meet_the_network(network: NetworkSettings, cluster: ClusterSettings) -> Iterator[Mistake]:
    cidr = network.existing.cidr if network.existing else network.cidr
    if IPv4Network(cidr).overlaps(IPv4Network(cluster.service_cidr)):
        yield Mistake(
            "cluster.serviceCidr", f"overlaps the VPC's {cidr}; choose another private network", cluster.service_cidr
        )


@rule
def worker_groups_find_nodes(cluster: ClusterSettings, airflow: AirflowSettings) -> Iterator[Mistake]:
    offered = {pool.capacity for pool in cluster.node_pools}
    for index, group in enumerate(airflow.worker_groups):
        if group.capacity not in offered:
            yield Mistake(
                f"airflow.workerGroups[{index}].capacity",
                f"no pool of cluster.nodePools offers it; they offer {', '.join(sorted(offered))}",
                group.capacity,
            )


@rule
def images_are_within_reach(network: NetworkSettings, airflow: AirflowSettings) -> Iterator[Mistake]:
    if not network.existing and network.nat == "none" and ".dkr.ecr." not in airflow.image.repository:
        yield Mistake(
            "airflow.image.repository",
            "cannot be pulled without NAT; mirror it to ECR (KEDA's images too) and name that repository",
            airflow.image.repository,
        )


@rule
def watched_queues_are_within_reach(network: NetworkSettings, buckets: BucketsSettings) -> Iterator[Mistake]:
    offline = not network.existing and network.nat == "none"
    if offline and buckets.watches and "sqs" not in network.interface_endpoints:
        yield Mistake(
            "network.interfaceEndpoints",
            "sqs is needed too: without NAT the triggerer cannot reach the queues of buckets.watches",
            network.interface_endpoints,
        )


@rule
def production_is_protected(*, production: bool, protect: bool) -> Iterator[Mistake]:
    if production and not protect:
        yield Mistake("protect", "must be true while alisio:production is true", protect)


@rule
def production_has_a_standby_database(*, production: bool, data_store: DataStoreSettings) -> Iterator[Mistake]:
    if not production:
        return
    if not data_store.multi_az:
        yield Mistake("dataStore.multiAz", "must be true while alisio:production is true", data_store.multi_az)
    if data_store.backup_days < 7:
        yield Mistake("dataStore.backupDays", "at least 7 while alisio:production is true", data_store.backup_days)


@rule
def production_has_a_standby_broker(*, production: bool, cache: CacheSettings) -> Iterator[Mistake]:
    if production and cache.replicas < 1:
        yield Mistake("cache.replicas", "at least 1 while alisio:production is true", cache.replicas)


@rule
def production_survives_a_zone(*, production: bool, network: NetworkSettings) -> Iterator[Mistake]:
    if production and not network.existing and network.nat == "single":
        yield Mistake(
            "network.nat",
            "perZone or none while alisio:production is true: a single NAT gateway fails with its zone",
            network.nat,
        )


@rule
def production_runs_two_of_each(*, production: bool, airflow: AirflowSettings) -> Iterator[Mistake]:
    if not production:
        return
    for key, component in (
        ("apiServer", airflow.api_server),
        ("scheduler", airflow.scheduler),
        ("triggerer", airflow.triggerer),
    ):
        if component.replicas < 2:
            yield Mistake(f"airflow.{key}.replicas", "at least 2 while alisio:production is true", component.replicas)


@rule
def deployer_is_of_the_account(deployer: str, allowed_account_ids: tuple[str, ...]) -> Iterator[Mistake]:
    if deployer.split(":")[4] not in allowed_account_ids:
        yield Mistake("deployer", f"is not of this stack's account {allowed_account_ids[0]}", deployer)


@rule
def everybody_has_one_part(
    deployer: str, administrators: tuple[str, ...], viewers: tuple[str, ...]
) -> Iterator[Mistake]:
    if deployer in administrators:
        yield Mistake(
            f"administrators[{administrators.index(deployer)}]",
            "is the deployer, an administrator already: EKS refuses a second access entry",
            deployer,
        )
    for index, viewer in enumerate(viewers):
        if viewer in (deployer, *administrators):
            yield Mistake(f"viewers[{index}]", "is an administrator already: EKS refuses a second access entry", viewer)


def broken_rules(parts: Mapping[str, Any]) -> Iterator[Mistake]:
    """The mistakes that the rules find in the parts that are valid by themselves."""
    for check, needs in _needs.items():
        if all(name in parts for name in needs):
            yield from check(**{name: parts[name] for name in needs})
