"""Helm's notes of its releases: one Secret for each revision, with its state as a label.

A revision that stays `pending-install`, `pending-upgrade` or `pending-rollback` stops every later one: "another
operation is in progress", or "cannot re-use a name that is still in use".
https://github.com/helm/helm/blob/main/pkg/storage/driver/secrets.go
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol, cast, final

from kubernetes import client, config  # pyright: ignore[reportMissingTypeStubs]

from chart.names import KEDA_NAMESPACE, KEDA_RELEASE, NAMESPACE, RELEASE
from refused import FAILED, Refused
from scripts.recover.pulumi import Deployment
from scripts.recover.state import resources_in

RELEASES: Final = ((NAMESPACE, RELEASE), (KEDA_NAMESPACE, KEDA_RELEASE))
PENDING: Final = ("pending-install", "pending-upgrade", "pending-rollback")
UNINSTALLING: Final = "uninstalling"
PROVIDER: Final = "pulumi:providers:kubernetes"
PATIENCE_SECONDS: Final = 10


class UnreachableError(Refused):
    """The cluster does not answer."""


@final
@dataclass(frozen=True, kw_only=True)
class Record:
    """A revision that Helm left unfinished."""

    secret: str
    namespace: str
    release: str
    revision: int
    status: str
    since: datetime

    def __str__(self) -> str:
        return f"{self.namespace}/{self.release}, revision {self.revision}, {self.status} since {self.since:%H:%M} UTC"


class Records(Protocol):
    """The records of our releases in one cluster."""

    def unfinished(self) -> list[Record]: ...

    def forget(self, record: Record) -> None: ...


@final
class Helm:
    """Reads them through the Kubernetes API."""

    def __init__(self, kubeconfig: dict[str, Any]) -> None:
        # The client logs what it also raises.
        logging.getLogger().addHandler(logging.NullHandler())
        configuration = client.Configuration()
        # Else a cluster that is gone is asked four times.
        cast("Any", configuration).retries = 0
        try:
            api: Any = cast("Any", config).new_client_from_config_dict(kubeconfig, client_configuration=configuration)
        except Exception as error:  # the client raises its own and what a login command fails with
            raise UnreachableError(f"the cluster's login failed: {_first_line(error)}", status=FAILED) from None
        self._api: Any = client.CoreV1Api(api)

    def unfinished(self) -> list[Record]:
        """Of our releases only: others in the cluster are somebody else's."""
        selector = f"owner=helm,status in ({','.join((*PENDING, UNINSTALLING))})"
        found: list[Record] = []
        for namespace, release in RELEASES:
            try:
                secrets = self._api.list_namespaced_secret(
                    namespace, label_selector=f"{selector},name={release}", _request_timeout=PATIENCE_SECONDS
                )
            except Exception as error:  # urllib3's errors and the client's have no common root
                raise UnreachableError(f"the cluster does not answer: {_first_line(error)}", status=FAILED) from None
            found += [_record(each) for each in cast("Sequence[Any]", secrets.items)]
        return found

    def forget(self, record: Record) -> None:
        """Delete the record: Helm goes on from the revision before it, or installs anew over what is there."""
        try:
            self._api.delete_namespaced_secret(record.secret, record.namespace, _request_timeout=PATIENCE_SECONDS)
        except client.ApiException as error:
            if cast("Any", error).status != 404:
                raise UnreachableError(f"{record.secret} stays: {_first_line(error)}", status=FAILED) from None


def kubeconfig_in(state: Deployment) -> dict[str, Any] | None:
    """What the stack's own provider of Kubernetes uses; None where there is no cluster yet. Needs secrets in clear."""
    for each in resources_in(state):
        inputs: dict[str, Any] = each.get("inputs") or {}
        if each["type"] == PROVIDER and "kubeconfig" in inputs:
            given: Any = inputs["kubeconfig"]
            if isinstance(given, str):
                return json.loads(given)
            secret = cast("dict[str, Any]", given)
            # Without its plain text it is known to be there, and no more.
            return json.loads(json.loads(secret["plaintext"])) if "plaintext" in secret else {}
    return None


def _record(secret: Any) -> Record:
    labels: dict[str, str] = secret.metadata.labels
    # When Helm last wrote to it; the Secret of a first install is as old as the operation.
    modified = labels.get("modifiedAt") or labels.get("createdAt")
    since = datetime.fromtimestamp(int(modified), UTC) if modified else secret.metadata.creation_timestamp
    return Record(
        secret=secret.metadata.name,
        namespace=secret.metadata.namespace,
        release=labels["name"],
        revision=int(labels["version"]),
        status=labels["status"],
        since=since,
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
