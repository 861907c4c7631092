"""All in which the local platform differs from the one on AWS. The one table of it: what is not here is the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.ports import Ports
from local.services.certificates import Certificates
from local.state import State

FAKE_KEY = "local"
"""The emulator checks no credentials; boto3 insists on having some."""


@dataclass(frozen=True)
class Differences:
    """Environment variables in place of those that the chart's values give."""

    changed: Mapping[str, str]
    """On AWS they have another value."""
    added: Mapping[str, str]
    """On AWS the chart, the pod's identity or the image gives them."""


def differences(state: State, files: Certificates, ports: Ports) -> Differences:
    """The table."""
    return Differences(
        changed={
            # A private authority in place of Amazon's.
            "PGSSLROOTCERT": str(files.authority),
            "AIRFLOW__CELERY__SSL_CACERT": str(files.authority),
            "PYTHONPATH": str(runtime_path(state)),
            "PYTHONPYCACHEPREFIX": str(_bytecode()),
        },
        added={
            # Of the cluster: services have names there, and ports of their own.
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{ports.api_server}/execution/",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(ports.api_server),
            "AIRFLOW__CELERY__FLOWER_HOST": "127.0.0.1",
            "AIRFLOW__CELERY__FLOWER_PORT": str(ports.flower),
            # Of the pod's identity.
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{ports.emulator}",
            "AWS_ACCESS_KEY_ID": FAKE_KEY,
            "AWS_SECRET_ACCESS_KEY": FAKE_KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
            # Of the image and its volumes.
            "AIRFLOW_HOME": str(state.airflow_home),
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(state.run / "bundles"),
        },
    )


def runtime_path(state: State) -> Path:
    """Where the package `runtime` lies."""
    return state.run / "python"


def _bytecode() -> Path:
    return Path(__file__).resolve().parent.parent / ".venv-airflow" / "pycache"
