"""The settings and the chart's values of the local stack, by the same code as on AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from chart.endpoints import Endpoints
from chart.secrets import FLOWER_USERNAME, secret_contents
from chart.uris import broker_uri, metadata_uri, result_backend_uri
from chart.values import airflow_values
from local.passwords import Passwords
from local.ports import Ports
from local.problem import Problem
from local.services.postgres import MASTER
from settings import SettingsError, Stack
from settings.stack_file import StackFileError, read_stack

LOOPBACK = "127.0.0.1"
WAREHOUSE = "warehouse"
EMULATED_ACCOUNT = "123456789012"
"""The account of whoever comes without credentials that moto knows."""
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Buckets:
    """The three buckets, as the emulator has them."""

    dags: str
    logs: str
    data: str


def load(path: Path) -> Stack:
    """The settings in a stack file. A wrong one is refused with every mistake, as `pulumi up` would."""
    try:
        return read_stack(path)
    except StackFileError as error:
        raise Problem(str(error), "Correct it, or name another stack file: --settings Pulumi.local.yaml") from None
    except SettingsError as error:
        raise Problem(str(error), f"Correct {path}, then start again.") from None


def buckets(stack: Stack) -> Buckets:
    """Names of the same form as on AWS."""
    return Buckets(**{kind: f"{stack.site.prefix}-{kind}" for kind in ("dags", "logs", "data")})


def queue_name(stack: Stack, asset: str) -> str:
    """The queue that tells of new objects for an asset."""
    return f"{stack.site.prefix}-events-{asset}"


def chart_values(stack: Stack, ports: Ports) -> Values:
    """What the Helm chart would be given."""
    names = buckets(stack)
    endpoints = Endpoints(
        region=stack.site.region,
        secrets_prefix=stack.site.path,
        dag_bucket=names.dags,
        log_bucket=names.logs,
        data_bucket=names.data,
        watched_queues={
            watch.asset: f"http://127.0.0.1:{ports.emulator}/{EMULATED_ACCOUNT}/{queue_name(stack, watch.asset)}"
            for watch in stack.settings.buckets.watches
        },
    )
    return airflow_values(stack.settings.airflow, endpoints, secrets_checksum="")


def kubernetes_secrets(
    stack: Stack, passwords: Passwords, *, ports: Ports, authority: Path
) -> Mapping[str, Mapping[str, str]]:
    """The Secrets that the program makes in the cluster, under the same names and keys."""
    database = {"username": MASTER, "password": passwords.database, "host": LOOPBACK, "port": ports.postgres}
    contents = secret_contents(
        metadata=metadata_uri(**database),
        results=result_backend_uri(**database),
        # AWS's authority is known to the image; ours has to be named.
        broker=broker_uri(password=passwords.broker, host=LOOPBACK, port=ports.broker, authority=str(authority)),
        fernet_keys=passwords.fernet,
        api_secret_key=passwords.api_secret,
        jwt_secret=passwords.jwt,
        flower_login=f"{FLOWER_USERNAME}:{passwords.flower}",
        admin_username=stack.settings.airflow.admin_username,
        admin_password=passwords.admin,
    )
    return {secret.value: content for secret, content in contents.items()}


def managed_secrets(stack: Stack, passwords: Passwords, ports: Ports) -> Mapping[str, str]:
    """What lies in Secrets Manager: the connections that an engineer would put there."""
    password = quote(passwords.warehouse, safe="")
    # The TLS policy comes from PGSSLMODE, as for the metadata.
    uri = f"postgres://{WAREHOUSE}:{password}@127.0.0.1:{ports.postgres}/{WAREHOUSE}"
    return {f"{stack.site.path}/connections/warehouse": uri}
