"""Airflow's secrets: generated here, held in Kubernetes Secrets, named in Helm values, shown nowhere."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import final

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random
from pulumi import Output, ResourceOptions

from chart.config import secret_variables
from chart.secrets import FLOWER_USERNAME, Secret, secret_contents
from components.airflow_cluster import AirflowCluster
from components.airflow_namespaces import AirflowNamespaces
from components.cache import Cache
from components.data_store import DataStore
from settings import Site, StackSettings

Contents = Mapping[Secret, Mapping[str, Output[str]]]


@final
class AirflowSecrets(pulumi.ComponentResource):
    """The Kubernetes Secrets that Airflow's pods read. A generated value stays the same until somebody rotates it.

    A Secret with the address of a store is made when the store exists and lets the cluster in.
    """

    option_variables: tuple[str, ...]
    """Environment variables of the options of airflow.cfg that are secrets: the keys of Secret.CONFIG."""
    checksum: Output[str]
    """A hash of all of them, which changes with each. They are random and long, so the hash reveals nothing."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        data_store: DataStore,
        cache: Cache,
        cluster: AirflowCluster,
        namespaces: AirflowNamespaces,
        site: Site,
        *,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("alisio:kubernetes:AirflowSecrets", name, None, opts)
        protected = ResourceOptions(parent=self, protect=site.protect)
        in_cluster = ResourceOptions(parent=self, provider=cluster.provider, depends_on=[namespaces, data_store, cache])

        def password(what: str) -> Output[str]:
            return random.RandomPassword(f"{name}-{what}", length=40, special=False, opts=protected).result

        options = {key: Output.secret(value) for key, value in secret_variables(settings.secret_config).items()}
        self.option_variables = tuple(options)
        contents: Contents = secret_contents(
            metadata=data_store.uri,
            results=data_store.result_backend_uri,
            broker=cache.uri,
            fernet_keys=_fernet_keys(name, settings.airflow.fernet_keys, site, opts=ResourceOptions(parent=self)),
            api_secret_key=password("api-secret-key"),
            jwt_secret=password("jwt-secret"),
            flower_login=Output.concat(FLOWER_USERNAME, ":", password("flower")),
            admin_username=Output.from_input(settings.airflow.admin_username),
            admin_password=password("admin"),
            options=options,
        )
        for secret, content in contents.items():
            # A password that nobody uses lies nowhere. It stays generated, and comes back as it was.
            if secret in _unused(settings):
                continue
            kubernetes.core.v1.Secret(
                f"{name}-{secret.name.lower()}",
                metadata={"name": secret.value, "namespace": namespaces.namespace},
                string_data={key: Output.secret(value) for key, value in content.items()},
                opts=in_cluster,
            )
        self.checksum = _checksum(contents)
        self.register_outputs({"checksum": self.checksum})


def _unused(settings: StackSettings) -> set[Secret]:
    there = {Secret.ADMIN: settings.access.has_local_admin, Secret.FLOWER: settings.airflow.flower.enabled}
    return {secret for secret, used in there.items() if not used}


def _fernet_keys(name: str, names: tuple[str, ...], site: Site, *, opts: ResourceOptions) -> Output[str]:
    """Fernet keys, newest first: the first one encrypts, all of them decrypt.

    The one that encrypts is protected: a name that is overwritten instead of put behind the new one loses no key.
    """
    in_use, rest = names[0], names[1:]
    protected = ResourceOptions.merge(opts, ResourceOptions(protect=site.protect))
    keys = [
        random.RandomBytes(f"{name}-fernet-{in_use}", length=32, opts=protected).base64,
        *(random.RandomBytes(f"{name}-fernet-{key}", length=32, opts=opts).base64 for key in rest),
    ]
    # Fernet takes the base64 alphabet that is safe in URLs.
    return Output.all(*keys).apply(lambda texts: ",".join(text.replace("+", "-").replace("/", "_") for text in texts))


def _checksum(contents: Contents) -> Output[str]:
    everything = Output.json_dumps([dict(content) for content in contents.values()])
    return Output.unsecret(everything.apply(lambda text: hashlib.sha256(text.encode()).hexdigest()))
