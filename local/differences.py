"""Everything in which the local platform differs from the one on AWS: one table. What is not in it is the same.

Six differences are not values, and have no row below:

- Supervisor runs one process for each part of Airflow and for each worker group. Nothing is scaled, and network and
  disk are not isolated. So KEDA, network policies and more than one replica exist on AWS only.
- There is no load balancer: whoever is on this machine reaches the api-server. `alisio:ingress` changes nothing here.
- The jobs of the chart are commands here: `up` migrates a database and makes the user when that was not done yet.
  The database is never cleaned up.
- An emulator answers for S3, SQS and Secrets Manager. It knows no permissions, so nothing is refused for lack of one.
- A collector stands in for CloudWatch's agent, and `python -m local health` for its alarms: the same ones, about
  Airflow only. Nobody is told, and the dashboard is a picture: `make dashboard`.
- With `--sso`, a proxy stands in for the load balancer, and a provider of the local platform for a company's own. There
  is no firewall, no HTTP/2, and one api-server. Without it there is no load balancer, and the one user has a password.
- The image's providers google, mysql and odbc are not installed: tests/airflow/test_providers.py says why. Who needs
  the first adds it: `.venv-airflow/bin/uv pip install --python .venv-airflow apache-airflow-providers-google`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chart import access, pod_code
from chart.parts import Part
from local.install import VENV
from local.ports import LOOPBACK, Ports
from local.state import State

# Names

FAKE_KEY = "local"
"""Access key and secret key. The emulator checks neither; boto3 insists on having both."""
ACCOUNT = "123456789012"
"""The emulator's AWS account for an access key that it does not know."""
DATABASE_USER = "alisio"
"""Airflow connects as the database's superuser, which has this name. On AWS the master user is `airflow`."""
WAREHOUSE = "warehouse"
"""A database to load into, its user, and the connection to it. On AWS an engineer names a warehouse that exists."""
SECRETS_CHECKSUM = ""
"""On AWS it rolls the pods when a secret changes. Here a password never changes while anything runs."""

AIRFLOW_HOST = "airflow.localhost"
"""Airflow's name with single sign-on: browsers resolve it to the loopback interface. No other server of this machine
shares cookies with it, or the order to use HTTPS only. On AWS it is the name of `alisio:ingress`."""


def bucket_name(prefix: str, kind: str) -> str:
    """On AWS random characters follow, as the names of buckets are unique in the world."""
    return f"{prefix}-{kind}"


def queue_name(prefix: str, asset: str) -> str:
    """On AWS random characters follow, as Pulumi names it."""
    return f"{prefix}-events-{asset}"


def queue_url(prefix: str, asset: str, ports: Ports) -> str:
    """The same queue, in the emulator."""
    return f"{ports.emulator_url}/{ACCOUNT}/{queue_name(prefix, asset)}"


# Addresses


def airflow_url(ports: Ports) -> str:
    """Airflow's address with single sign-on. On AWS it has no port."""
    return f"https://{AIRFLOW_HOST}:{ports.https}"


def database_address(ports: Ports) -> Mapping[str, Any]:
    """Who connects to which server."""
    return {"username": DATABASE_USER, "host": LOOPBACK, "port": ports.postgres}


def broker_address(ports: Ports, authority: Path) -> Mapping[str, Any]:
    """The image trusts the authority of ElastiCache. Ours is private, so the URI has to name it."""
    return {"host": LOOPBACK, "port": ports.broker, "authority": str(authority)}


# Servers

POSTGRES_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    # Of the private authority. RDS brings its own certificate.
    "ssl_cert_file": "server.pem",
    "ssl_key_file": "server.key",
    # RDS takes a quarter of its memory, and as many connections as the rest allows: too much for a laptop.
    "shared_buffers": "64MB",
    "max_connections": "200",
}
BROKER_MEMORY = "256mb"
"""ElastiCache takes what the node has."""


def broker_persistence(*, replicas: int) -> Mapping[str, str]:
    """With a replica, ElastiCache fails over to a node that has the queues: here a file has them.

    Without a replica the queues are lost in both places. The scheduler then queues again whatever waits longer than
    `task_queued_timeout`.
    """
    return {"appendonly": "yes" if replicas > 0 else "no", "save": ""}


# Processes

WORKER_HOST = "local"
"""Part of a worker's name in Celery. On AWS it is the pod's name."""
ARGUMENTS: Mapping[Part, Sequence[str]] = {
    # Their log servers listen on every interface, and no setting changes that. One on the loopback interface shows all.
    Part.TRIGGERER: ("--skip-serve-logs",),
    # All workers run on one host, so each needs a name of its own.
    Part.WORKER: ("--skip-serve-logs", "--celery-hostname", f"{{group}}@{WORKER_HOST}"),
}
"""Arguments that follow those of the pod's command."""
WORKER_GRACE_SECONDS = 30
"""On AWS the group's `graceMinutes`. After Ctrl-C people do not wait for an hour. A task that is cut off is retried."""
PART_GRACE_SECONDS = 10
"""On AWS the chart's own, up to a minute."""
SERVER_GRACE_SECONDS = 20
"""The database and the emulator write what they have in memory. On AWS such services are never stopped."""
INHERITED = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "TZ", "USER")
"""Variables that come from the user's shell; in a pod the image gives them. AWS credentials are not among them."""


def arguments(part: Part, *, group: str | None = None) -> list[str]:
    """What a part's command line has here and not in its pod."""
    return [argument.format(group=group) for argument in ARGUMENTS.get(part, ())]


def worker_name(group: str) -> str:
    """The name of a group's worker in Celery."""
    return f"{group}@{WORKER_HOST}"


@dataclass(frozen=True)
class Differences:
    """Environment variables in place of those that the chart's values give."""

    changed: Mapping[str, str]
    """On AWS they have another value."""
    added: Mapping[str, str]
    """On AWS the chart, the pod's identity or the image gives them."""
    folders: Mapping[str, Path]
    """Where things are here that ConfigMaps and Secrets bring into pods, by the folder there."""
    task_logs: Path
    task_logs_port: int
    """Of the one log server."""

    def placed(self, value: str) -> str:
        """A variable's value, with the folder of this machine if it is a path below one of a pod."""
        for there, here in self.folders.items():
            if value == there or value.startswith(f"{there}/"):
                return f"{here}{value.removeprefix(there)}"
        return value

    def of_process(self, name: str) -> Mapping[str, str]:
        """A log folder of its own. A pod has its own disk, so other parts find its logs in the bucket only."""
        return {"AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(self.task_logs / name)}

    def of_log_server(self) -> Mapping[str, str]:
        """In the cluster each worker and triggerer has one, on its own disk. Here one looks into the folders of all."""
        return {"AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(self.task_logs)}


def differences(state: State, authority: Path, ports: Ports, *, single_sign_on: bool = False) -> Differences:
    """The rows about the environment of Airflow's processes."""
    found = _differences(state, authority, ports)
    if not single_sign_on:
        return found
    return replace(
        found,
        changed={
            **found.changed,
            # Another port than 443, which would take root.
            "AIRFLOW__API__BASE_URL": airflow_url(ports),
            "ALISIO_FLOWER_URL": ports.flower_url,
        },
        added={
            **found.added,
            # On AWS, provider and issuers have certificates of public authorities. requests reads the first, httpx the
            # second.
            "REQUESTS_CA_BUNDLE": str(state.trusted),
            "SSL_CERT_FILE": str(state.trusted),
        },
    )


def _differences(state: State, authority: Path, ports: Ports) -> Differences:
    return Differences(
        changed={
            # A private authority in place of Amazon's.
            "PGSSLROOTCERT": str(authority),
            "AIRFLOW__CELERY__SSL_CACERT": str(authority),
            # A folder of the data directory in place of a ConfigMap.
            "PYTHONPATH": str(state.pod_code),
            # A laptop's own name may resolve to nothing, or in another network to another address. Airflow ends a task
            # whose address has changed.
            "AIRFLOW__CORE__HOSTNAME_CALLABLE": "alisio_local.address",
            # A collector of this platform in place of CloudWatch's agent.
            "AIRFLOW__METRICS__STATSD_HOST": LOOPBACK,
            "AIRFLOW__METRICS__STATSD_PORT": str(ports.statsd),
            # Outlives the run, so that the next one starts quickly.
            "PYTHONPYCACHEPREFIX": str(VENV / "pycache"),
        },
        added={
            # In the cluster, services have names and ports of their own.
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{ports.api_url}/execution/",
            "AIRFLOW__API__HOST": LOOPBACK,
            "AIRFLOW__API__PORT": str(ports.api_server),
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(ports.task_logs),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(ports.task_logs),
            "AIRFLOW__CELERY__FLOWER_HOST": LOOPBACK,
            "AIRFLOW__CELERY__FLOWER_PORT": str(ports.flower),
            # In place of the pod's identity.
            "AWS_ENDPOINT_URL": ports.emulator_url,
            "AWS_ACCESS_KEY_ID": FAKE_KEY,
            "AWS_SECRET_ACCESS_KEY": FAKE_KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
            # In place of the image and its volumes.
            "AIRFLOW_HOME": str(state.airflow_home),
            # Below the home by default. Airflow does not find that out when there is a percent sign in the path.
            "AIRFLOW__CORE__DAGS_FOLDER": str(state.airflow_home / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(state.airflow_home / "plugins"),
            "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(state.airflow_home / "logs"),
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(state.run / "bundles"),
        },
        folders={pod_code.FOLDER: state.pod_code, access.FOLDER: state.access},
        task_logs=state.run / "task-logs",
        task_logs_port=ports.task_logs,
    )
