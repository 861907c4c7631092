"""Rules across components. What relates the load balancer to the others is in `ingress_rules`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Network

from settings.airflow import AirflowSettings
from settings.airflow_config import Options, secret_mistakes
from settings.base import Mistake
from settings.buckets import BucketsSettings
from settings.cache import CacheSettings
from settings.cluster import ClusterSettings
from settings.data_store import DataStoreSettings
from settings.names import AUTONAMING
from settings.network import NetworkSettings
from settings.rule import rule


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
def queue_names_fit(prefix: str, buckets: BucketsSettings) -> Iterator[Mistake]:
    for index, watch in enumerate(buckets.watches):
        excess = len(f"{prefix}-events-{watch.asset}-dead-letter") + AUTONAMING - 80
        if excess > 0:
            yield Mistake(
                f"buckets.watches[{index}].asset",
                f"too long for a dead-letter queue of this stack (80 characters); shorten it by {excess}",
                watch.asset,
            )


@rule
def secret_options_are_options(secret_config: Options) -> Iterator[Mistake]:
    yield from secret_mistakes(secret_config)


@rule
def services_do_not_meet_the_network(network: NetworkSettings, cluster: ClusterSettings) -> Iterator[Mistake]:
    cidr = network.existing.cidr if network.existing else network.cidr
    if IPv4Network(cidr).overlaps(IPv4Network(cluster.service_cidr)):
        yield Mistake(
            "cluster.serviceCidr", f"overlaps the VPC's {cidr}; choose another private network", cluster.service_cidr
        )


@rule
def somebody_reaches_the_kubernetes_api(network: NetworkSettings, cluster: ClusterSettings) -> Iterator[Mistake]:
    if cluster.public_access_cidrs or cluster.private_access_cidrs or cluster.private_access_security_group_ids:
        return
    # The cluster's security group admits nobody but nodes and pods. Without another rule the first update waits for the
    # Kubernetes API until it fails: https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
    if network.existing:
        ways = (
            "name the runner of `pulumi up` in cluster.privateAccessCidrs or cluster.privateAccessSecurityGroupIds, or"
        )
    else:
        ways = (
            "the VPC is new, so no runner of `pulumi up` is inside: use network.existing with a runner in "
            "cluster.privateAccessCidrs or cluster.privateAccessSecurityGroupIds, or"
        )
    yield Mistake(
        "cluster.publicAccessCidrs",
        f"nobody could reach the Kubernetes API; {ways} name here the network that you come from",
        cluster.public_access_cidrs,
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
def images_are_within_reach(network: NetworkSettings, airflow: AirflowSettings, region: str) -> Iterator[Mistake]:
    if network.existing or network.nat != "none":
        return
    # The interface endpoints ecr.api and ecr.dkr are those of the stack's region.
    within_reach = re.compile(rf"\d{{12}}\.dkr\.ecr\.{region}\.amazonaws\.com(/.*)?")
    for key, image in (("image.repository", airflow.image.repository), ("kedaRegistry", airflow.keda_registry)):
        if not within_reach.fullmatch(image):
            yield Mistake(
                f"airflow.{key}",
                f"cannot be pulled without NAT; mirror it to ECR in {region} and name that: "
                f"<account>.dkr.ecr.{region}.amazonaws.com/…",
                image,
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
    if data_store.skip_final_snapshot:
        yield Mistake("dataStore.skipFinalSnapshot", "must be false while alisio:production is true", value=True)
    if data_store.backup_days < 7:
        yield Mistake("dataStore.backupDays", "at least 7 while alisio:production is true", data_store.backup_days)


@rule
def production_keeps_its_buckets(*, production: bool, buckets: BucketsSettings) -> Iterator[Mistake]:
    if production and buckets.force_destroy:
        yield Mistake("buckets.forceDestroy", "must be false while alisio:production is true", value=True)


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
