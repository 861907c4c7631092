"""The settings and the chart's values of the local stack, by the same code as on AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from chart.config import secret_variables
from chart.door import Door
from chart.endpoints import Endpoints
from chart.pods import Values
from chart.secrets import FLOWER_USERNAME, secret_contents
from chart.uris import broker_uri, metadata_uri, result_backend_uri
from chart.values import airflow_values
from local.differences import (
    SECRETS_CHECKSUM,
    WAREHOUSE,
    broker_address,
    bucket_name,
    database_address,
    queue_name,
    queue_url,
)
from local.passwords import Passwords
from local.ports import LOOPBACK, Ports
from refused import Refused
from settings import SettingsError, Stack
from settings.airflow_config import SECRET_CONFIG
from settings.sealed import SEALED
from settings.stack_file import StackFileError, read_stack


@dataclass(frozen=True)
class Buckets:
    """The three buckets, as the emulator has them."""

    dags: str
    logs: str
    data: str


def load(path: Path) -> Stack:
    """The settings in a stack file. A wrong one is refused with every mistake, as `pulumi up` does."""
    try:
        stack = read_stack(path)
    except StackFileError as error:
        raise Refused(str(error), "Correct it, or name another stack file: --settings Pulumi.local.yaml") from None
    except SettingsError as error:
        raise Refused(str(error), f"Correct {path}, then start again.") from None
    if SEALED in secret_variables(stack.settings.secret_config).values():
        raise Refused(
            f"{path.name}: alisio:{SECRET_CONFIG} is encrypted, and only Pulumi can read it",
            "Put values for this machine there, as plain texts, or take the key out.",
        )
    return stack


def buckets(stack: Stack) -> Buckets:
    """The names of the stack's buckets."""
    return Buckets(**{kind: bucket_name(stack.site.prefix, kind) for kind in ("dags", "logs", "data")})


def watches(stack: Stack) -> Mapping[str, str]:
    """Names of the queues that tell of new objects, by the prefix that each watches."""
    return {watch.prefix: queue_name(stack.site.prefix, watch.asset) for watch in stack.settings.buckets.watches}


def chart_values(stack: Stack, ports: Ports, *, door: Door | None = None) -> Values:
    """What the Helm chart would be given."""
    names = buckets(stack)
    endpoints = Endpoints(
        region=stack.site.region,
        secrets_prefix=stack.site.path,
        dag_bucket=names.dags,
        log_bucket=names.logs,
        data_bucket=names.data,
        watched_queues={
            watch.asset: queue_url(stack.site.prefix, watch.asset, ports) for watch in stack.settings.buckets.watches
        },
    )
    return airflow_values(
        stack.settings.airflow,
        stack.settings.monitoring,
        endpoints,
        secrets_checksum=SECRETS_CHECKSUM,
        secret_variables=secret_variables(stack.settings.secret_config),
        door=door,
    )


def kubernetes_secrets(
    stack: Stack, passwords: Passwords, *, ports: Ports, authority: Path
) -> Mapping[str, Mapping[str, str]]:
    """The Secrets that the program makes in the cluster, under the same names and keys."""
    database = {**database_address(ports), "password": passwords.database}
    contents = secret_contents(
        metadata=metadata_uri(**database),
        results=result_backend_uri(**database),
        broker=broker_uri(password=passwords.broker, **broker_address(ports, authority)),
        fernet_keys=passwords.fernet,
        api_secret_key=passwords.api_secret,
        jwt_secret=passwords.jwt,
        flower_login=f"{FLOWER_USERNAME}:{passwords.flower}",
        admin_username=stack.settings.airflow.admin_username,
        admin_password=passwords.admin,
        options=secret_variables(stack.settings.secret_config),
    )
    return {secret.value: content for secret, content in contents.items()}


def managed_secrets(stack: Stack, passwords: Passwords, ports: Ports) -> Mapping[str, str]:
    """Secrets Manager has the connections that an engineer would put there."""
    password = quote(passwords.warehouse, safe="")
    # PGSSLMODE asks for TLS, as for the metadata.
    uri = f"postgres://{WAREHOUSE}:{password}@{LOOPBACK}:{ports.postgres}/{WAREHOUSE}"
    return {f"{stack.site.path}/connections/warehouse": uri}
