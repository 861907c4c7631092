"""A DAG that imports a provider of the official image imports it here."""

from __future__ import annotations

import importlib
import importlib.metadata
import re

import pytest

import versions
from local.install import LOCK

IMAGE = [
    *("amazon", "celery", "cncf.kubernetes", "common.compat", "common.io", "common.messaging", "common.sql", "docker"),
    *("elasticsearch", "fab", "ftp", "git", "google", "grpc", "hashicorp", "http", "imap", "microsoft.azure", "mysql"),
    *("odbc", "openlineage", "postgres", "redis", "sendgrid", "sftp", "slack", "smtp", "snowflake", "sqlite", "ssh"),
    "standard",
]
"""What apache/airflow's prod_image_installed_providers.txt lists: every provider of the image."""
LEFT_OUT = {
    "google": "108 packages and 900 MiB more, as much as all the rest; and it holds websockets back below 17",
    "odbc": "it needs unixODBC of the machine, which pyodbc does not bring along",
    "mysql": "it needs mysqlclient, which PyPI has as source only: to build it takes a compiler and MySQL's headers",
}
MODULES = {
    # What DAGs import of it, where that is more than the package.
    "amazon": "aws.operators.s3",
    "cncf.kubernetes": "operators.pod",
    "common.sql": "operators.sql",
    "docker": "operators.docker",
    "elasticsearch": "hooks.elasticsearch",
    "ftp": "operators.ftp",
    "git": "bundles.git",
    "grpc": "operators.grpc",
    "hashicorp": "hooks.vault",
    "http": "operators.http",
    "imap": "hooks.imap",
    "microsoft.azure": "hooks.wasb",
    "openlineage": "plugins.adapter",
    "postgres": "hooks.postgres",
    "redis": "hooks.redis",
    "sendgrid": "utils.emailer",
    "sftp": "operators.sftp",
    "slack": "operators.slack",
    "smtp": "operators.smtp",
    "snowflake": "hooks.snowflake",
    "sqlite": "hooks.sqlite",
    "ssh": "operators.ssh",
    "standard": "operators.python",
}


def distribution(provider: str) -> str:
    return f"apache-airflow-providers-{provider.replace('.', '-')}"


def locked() -> dict[str, str]:
    """Versions in the lock, by name."""
    return dict(re.findall(r"(?m)^([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==([^\s;]+)", LOCK.read_text()))


def test_the_lock_has_every_provider_of_the_image() -> None:
    """Nothing is missing but what is left out for a reason, and nothing is left out that is there after all."""
    missing = {provider for provider in IMAGE if distribution(provider) not in locked()}
    assert missing == set(LEFT_OUT)
    assert locked()["apache-airflow"] == versions.AIRFLOW


def test_what_is_installed_is_what_is_locked() -> None:
    """Each provider of the image is installed in the version of the lock."""
    wanted = {distribution(each): locked()[distribution(each)] for each in IMAGE if each not in LEFT_OUT}
    assert {name: importlib.metadata.version(name) for name in wanted} == wanted


@pytest.mark.parametrize("provider", sorted(MODULES))
def test_what_dags_import_is_there(provider: str) -> None:
    """The operator or hook that people import comes with all that it imports itself."""
    importlib.import_module(f"airflow.providers.{provider}.{MODULES[provider]}")
