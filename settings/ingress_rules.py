"""Rules between the load balancer and the other components."""

from __future__ import annotations

from collections.abc import Iterator

from settings.airflow import AirflowSettings
from settings.airflow_config import SECRET_CONFIG, Options
from settings.base import Mistake
from settings.ingress import IDLE_SECONDS, IngressSettings
from settings.network import NetworkSettings
from settings.rule import rule

DOOR_OPTIONS = (
    "api.base_url",
    "fab.cookie_secure",
    "fab.enable_proxy_fix",
)
"""Options of airflow.cfg that follow from the load balancer: with others, logins go astray or cookies travel open."""


@rule
def load_balancers_have_subnets(network: NetworkSettings, ingress: IngressSettings) -> Iterator[Mistake]:
    existing = network.existing
    if existing is None or not ingress.is_open:
        return
    count = len(existing.public_subnet_ids)
    if count == 1 or (ingress.is_public and not count):
        yield Mistake(
            "network.existing.publicSubnetIds",
            "a load balancer needs two of them, in different zones; or set ingress.scheme: internal and name none"
            if ingress.is_public
            else "a load balancer needs two of them, in different zones; or name none",
            existing.public_subnet_ids,
        )
    if count and not existing.public_cidrs:
        yield Mistake(
            "network.existing.publicCidrs",
            "is needed with ingress.domain: the api-server lets in the addresses of the load balancer's subnets only",
            existing.public_cidrs,
        )


@rule
def the_certificate_is_at_hand(
    ingress: IngressSettings, region: str, allowed_account_ids: tuple[str, ...]
) -> Iterator[Mistake]:
    if ingress.certificate_arn is None:
        return
    _, _, _, where, owner, _ = ingress.certificate_arn.split(":")
    if (where, owner) != (region, allowed_account_ids[0]):
        yield Mistake(
            "ingress.certificateArn",
            f"a load balancer takes certificates of its own region and account: {region}, {allowed_account_ids[0]}",
            ingress.certificate_arn,
        )


@rule
def the_door_sets_its_own_options(ingress: IngressSettings, airflow: AirflowSettings) -> Iterator[Mistake]:
    yield from _own_options(ingress, airflow.config, "airflow.config")


@rule
def the_door_has_no_secret_options(ingress: IngressSettings, secret_config: Options) -> Iterator[Mistake]:
    yield from _own_options(ingress, secret_config, SECRET_CONFIG)


@rule
def production_has_a_firewall(*, production: bool, ingress: IngressSettings) -> Iterator[Mistake]:
    if production and ingress.is_public and not ingress.waf.enabled:
        yield Mistake(
            "ingress.waf.enabled",
            "must be true while alisio:production is true and the load balancer is internetFacing",
            value=False,
        )


@rule
def airflow_keeps_connections_longer(ingress: IngressSettings, airflow: AirflowSettings) -> Iterator[Mistake]:
    kept = airflow.config.get("api", {}).get("worker_timeout", "")
    if ingress.is_open and kept.isdecimal() and int(kept) <= IDLE_SECONDS:
        yield Mistake(
            "airflow.config.api.worker_timeout",
            f"must be more than {IDLE_SECONDS} while ingress.domain is set: for so long the load balancer keeps a "
            "connection, and one that Airflow closes first costs a request",
            kept,
        )


def _own_options(ingress: IngressSettings, options: Options, path: str) -> Iterator[Mistake]:
    if not ingress.is_open:
        return
    for section, entries in options.items():
        for key in entries:
            if f"{section}.{key}".lower() in DOOR_OPTIONS:
                yield Mistake(
                    f"{path}.{section}.{key}", "is set by the platform while ingress.domain is set; remove it"
                )
