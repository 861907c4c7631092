"""Rules between who gets into Airflow and the other components."""

from __future__ import annotations

from collections.abc import Iterator

from settings.access import SECRET_KEY, AccessSettings
from settings.airflow import AirflowSettings
from settings.airflow_config import SECRET_CONFIG, Options
from settings.base import Mistake
from settings.ingress import IngressSettings
from settings.ingress_rules import DOOR_OPTIONS
from settings.network import NetworkSettings
from settings.rule import rule

SIGN_ON_OPTIONS = ("core.auth_manager", "core.plugins_folder", "api.base_url")
"""Options of airflow.cfg that follow from single sign-on, beside all of the section `fab`."""
API_SERVER_VALUES = ("args", "command", "env", "extraVolumeMounts", "extraVolumes")
"""Helm replaces a list as a whole. Without what the platform put there, Airflow would take passwords again."""
READ_BY_DAGS = ("connections", "groups", "variables")
"""Folders of the stack's secrets that code of DAGs reads."""


@rule
def single_sign_on_has_an_address(access: AccessSettings, ingress: IngressSettings) -> Iterator[Mistake]:
    if access.is_on and not ingress.is_open:
        yield Mistake(
            "ingress.domain",
            "is required with single sign-on: the provider sends people back to https://<domain>/auth/oauth-authorized/sso",
        )


@rule
def the_client_has_one_secret(access: AccessSettings, access_secret: str | None) -> Iterator[Mistake]:
    # No message shows the value.
    if access.issuer is None or access.cognito:
        if access_secret:
            yield Mistake(SECRET_KEY, "has no effect without access.issuer; remove it")
    elif access_secret and access.secret_name:
        yield Mistake("access.secretName", f"either this or alisio:{SECRET_KEY}; remove one", access.secret_name)
    elif not access_secret and not access.secret_name:
        yield Mistake(
            SECRET_KEY,
            f"is required with access.issuer: `pulumi config set --secret alisio:{SECRET_KEY}` encrypts it; or name a "
            "secret of AWS Secrets Manager in access.secretName",
        )


@rule
def dags_do_not_read_the_secret(prefix: str, access: AccessSettings) -> Iterator[Mistake]:
    project, _, stack = prefix.partition("-")
    for folder in READ_BY_DAGS:
        if access.secret_name and access.secret_name.startswith(f"{project}/{stack}/{folder}/"):
            yield Mistake(
                "access.secretName", f"code of DAGs reads all of {project}/{stack}/{folder}/; choose another name",
                access.secret_name,
            )  # fmt: skip


@rule
def single_sign_on_sets_its_own_options(access: AccessSettings, airflow: AirflowSettings) -> Iterator[Mistake]:
    yield from _own_options(access, airflow.config, "airflow.config")


@rule
def single_sign_on_has_no_secret_options(access: AccessSettings, secret_config: Options) -> Iterator[Mistake]:
    yield from _own_options(access, secret_config, SECRET_CONFIG)


@rule
def overrides_leave_single_sign_on_alone(access: AccessSettings, airflow: AirflowSettings) -> Iterator[Mistake]:
    if not access.is_on:
        return
    part = airflow.values.get("apiServer")
    for key in API_SERVER_VALUES:
        if isinstance(part, dict) and key in part:
            yield Mistake(
                f"airflow.values.apiServer.{key}",
                "would replace what single sign-on puts there, and Airflow would take passwords again; remove it",
            )


@rule
def the_provider_is_within_reach(access: AccessSettings, network: NetworkSettings) -> Iterator[Mistake]:
    if access.is_on and not network.existing and network.nat == "none":
        yield Mistake(
            "network.nat",
            "single or perZone with single sign-on: the api-server asks the provider, and nothing leads out of the VPC",
            network.nat,
        )


@rule
def production_has_a_second_factor(*, production: bool, access: AccessSettings) -> Iterator[Mistake]:
    if production and access.cognito and access.cognito.mfa != "required":
        yield Mistake(
            "access.cognito.mfa", "must be required while alisio:production is true", access.cognito.mfa
        )  # fmt: skip


def _own_options(access: AccessSettings, options: Options, path: str) -> Iterator[Mistake]:
    if not access.is_on:
        return
    for section, entries in options.items():
        for key in entries:
            option = f"{section}.{key}".lower()
            # Those of the door are refused by its own rule.
            if option in DOOR_OPTIONS:
                continue
            if option in SIGN_ON_OPTIONS or option.startswith("fab."):
                yield Mistake(f"{path}.{section}.{key}", "is set by the platform with single sign-on; remove it")
