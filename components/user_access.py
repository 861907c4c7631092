"""Who gets into Airflow, and by which provider."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import final

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi import Output, ResourceOptions

from chart import access as files
from chart.access import SignOn
from chart.door import Door
from chart.secrets import CLIENT_SECRET, Secret
from components.airflow_cluster import AirflowCluster
from components.airflow_namespaces import AirflowNamespaces
from components.ingress import Ingress
from components.parts.user_pool import Client, user_pool
from settings import Site, StackSettings


@final
class UserAccess(pulumi.ComponentResource):
    """Single sign-on, if the settings ask for it: people by their provider's groups, machines by their own issuers.

    The client's secret is in one Kubernetes Secret, or in none. What says who gets in is in ConfigMaps: a machine that
    is added or taken away needs no new pods. A user pool, where the program makes one, is protected with the stack.
    """

    door: Output[Door | None]
    """The door of Ingress, and what Airflow is told of who is let in."""
    issuer: Output[str]
    """The provider; empty without single sign-on, as the other two are."""
    redirect_uri: str
    """What to register at the provider: where it sends people back."""
    signed_out_uri: str
    """What to register at the provider: where it sends people whom it has signed out."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        cluster: AirflowCluster,
        namespaces: AirflowNamespaces,
        ingress: Ingress,
        site: Site,
        *,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("alisio:aws:UserAccess", name, None, opts)
        self.door = Output.from_input(ingress.door)
        self.issuer = Output.from_input("")
        self.redirect_uri = self.signed_out_uri = ""
        if settings.access.is_on and ingress.door is not None:
            self._sign_on(name, settings, cluster, namespaces, ingress.door, site)
        self.register_outputs(
            {"issuer": self.issuer, "redirectUri": self.redirect_uri, "signedOutUri": self.signed_out_uri}
        )

    def _sign_on(
        self,
        name: str,
        settings: StackSettings,
        cluster: AirflowCluster,
        namespaces: AirflowNamespaces,
        door: Door,
        site: Site,
    ) -> None:
        access = settings.access
        self.redirect_uri = f"{door.url}/{files.SIGN_IN}"
        self.signed_out_uri = f"{door.url}/{files.SIGNED_OUT}"
        client = self._client(name, settings, site, self.redirect_uri, self.signed_out_uri)
        self.issuer = client.issuer
        content = Output.all(client.issuer, client.id).apply(
            lambda known: files.access_file(
                access, issuer=known[0], client_id=known[1], local_admin=settings.airflow.admin_username
            )
        )
        machines = files.machines_file(access, audience=door.url)
        in_namespace = ResourceOptions(parent=self, provider=cluster.provider, depends_on=[namespaces])
        for key, config_map, data in (
            ("sign-on", files.ACCESS, {files.ACCESS_FILE: content}),
            ("machines", files.MACHINES, {files.MACHINES_FILE: machines}),
        ):
            kubernetes.core.v1.ConfigMap(
                f"{name}-{key}",
                metadata={"name": config_map, "namespace": namespaces.namespace},
                data=data,
                opts=in_namespace,
            )
        if client.secret is not None:
            kubernetes.core.v1.Secret(
                f"{name}-sign-on",
                metadata={"name": Secret.SIGN_ON.value, "namespace": namespaces.namespace},
                string_data={CLIENT_SECRET: client.secret},
                opts=in_namespace,
            )
        self.door = _checksum(content, client.secret).apply(
            lambda checksum: replace(
                door,
                sign_on=SignOn(checksum=checksum, secret_name=access.secret_name, local_admin=access.has_local_admin),
            )
        )

    def _client(self, name: str, settings: StackSettings, site: Site, redirect_uri: str, signed_out_uri: str) -> Client:
        access = settings.access
        if access.cognito is not None:
            return user_pool(
                f"{name}-users",
                access.cognito,
                site,
                groups=access.role_of_group,
                redirect_uri=redirect_uri,
                signed_out_uri=signed_out_uri,
                opts=ResourceOptions(parent=self),
            )
        assert access.issuer, "settings have an issuer where there is no user pool"
        assert access.client_id, "settings refuse an issuer without a client"
        return Client(
            issuer=Output.from_input(access.issuer),
            id=Output.from_input(access.client_id),
            secret=None if access.secret_name else Output.secret(settings.access_secret or ""),
        )


def _checksum(content: Output[str], secret: Output[str] | None) -> Output[str]:
    """A hash of what the api-server reads when it starts. Providers make secrets long, so it reveals nothing."""
    everything = Output.all(content, secret or "").apply(lambda known: "\n".join(known))
    return Output.unsecret(everything.apply(lambda text: hashlib.sha256(text.encode()).hexdigest()))
