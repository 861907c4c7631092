"""Airflow's secrets: generated here, held in Kubernetes Secrets, named in Helm values, shown nowhere."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pulumi_kubernetes as kubernetes
import pulumi_random as random
from pulumi import Input, Output, ResourceOptions

from components.airflow_names import NAMESPACE, Secret
from components.cache import Cache
from components.data_store import DataStore
from settings import AirflowSettings, Site

Contents = Mapping[str, Input[str]]


def airflow_secrets(
    name: str,
    settings: AirflowSettings,
    site: Site,
    *,
    data_store: DataStore,
    cache: Cache,
    opts: ResourceOptions,
) -> tuple[list[kubernetes.core.v1.Secret], Output[str]]:
    """The Secrets, and a checksum that changes with any of them."""
    kept = ResourceOptions(parent=opts.parent, protect=site.protect)

    def password(what: str) -> Output[str]:
        return random.RandomPassword(f"{name}-{what}", length=40, special=False, opts=kept).result

    contents: dict[Secret, Contents] = {
        Secret.METADATA: {"connection": data_store.uri},
        Secret.RESULTS: {"connection": data_store.result_backend_uri},
        Secret.BROKER: {"connection": cache.uri},
        Secret.FERNET: {"fernet-key": _fernet_keys(name, settings.fernet_keys, opts=kept)},
        Secret.API: {"api-secret-key": password("api-secret-key")},
        Secret.JWT: {"jwt-secret": password("jwt-secret")},
        Secret.FLOWER: {"basicAuth": Output.concat("flower:", password("flower"))},
        Secret.ADMIN: {"username": settings.admin_username, "password": password("admin")},
    }
    secrets = [
        kubernetes.core.v1.Secret(
            f"{name}-{secret.name.lower()}",
            metadata={"name": secret.value, "namespace": NAMESPACE},
            string_data={key: Output.secret(value) for key, value in content.items()},
            opts=opts,
        )
        for secret, content in contents.items()
    ]
    return secrets, _checksum(list(contents.values()))


def _fernet_keys(name: str, names: tuple[str, ...], *, opts: ResourceOptions) -> Output[str]:
    """Fernet keys, newest first: the first one encrypts, all of them decrypt."""
    keys = [random.RandomBytes(f"{name}-fernet-{key}", length=32, opts=opts).base64 for key in names]
    # Fernet wants the alphabet that is safe in URLs.
    return Output.all(*keys).apply(lambda texts: ",".join(text.replace("+", "-").replace("/", "_") for text in texts))


def _checksum(contents: list[Contents]) -> Output[str]:
    """A hash of all contents. They are random and long: it tells nothing of them, and may be seen."""
    every = Output.json_dumps([dict(content) for content in contents])
    return Output.unsecret(every.apply(lambda text: hashlib.sha256(text.encode()).hexdigest()))
