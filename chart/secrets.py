"""The Kubernetes Secrets that Airflow reads: their names, their keys, and what is in each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

Text = TypeVar("Text")
"""`str` on one machine. On AWS also an output."""
FLOWER_USERNAME = "flower"


class Secret(Enum):
    """Names of our Secrets. Never the chart's own names: the chart would claim those Secrets (apache/airflow 58982)."""

    METADATA = "alisio-metadata"
    RESULTS = "alisio-results"
    BROKER = "alisio-broker"
    FERNET = "alisio-fernet"
    API = "alisio-api"
    JWT = "alisio-jwt"
    FLOWER = "alisio-flower"
    ADMIN = "alisio-admin"
    """It is there while the local administrator may sign in."""
    SIGN_ON = "alisio-sign-on"
    """By what the provider of single sign-on knows us. The api-server alone has it."""
    CONFIG = "alisio-config"
    """Options of airflow.cfg by the names of their variables. It is there if the stack has such options."""


CONNECTION = "connection"
FERNET_KEY = "fernet-key"
API_SECRET_KEY = "api-secret-key"
JWT_SECRET = "jwt-secret"
FLOWER_LOGIN = "basicAuth"
"""The chart asks for these keys by name."""
CLIENT_SECRET = "client-secret"
ADMIN_USERNAME = "username"
ADMIN_PASSWORD = "password"


def secret_contents(
    *,
    metadata: Text,
    results: Text,
    broker: Text,
    fernet_keys: Text,
    api_secret_key: Text,
    jwt_secret: Text,
    flower_login: Text,
    admin_username: Text,
    admin_password: Text,
    options: Mapping[str, Text],
) -> dict[Secret, dict[str, Text]]:
    """What stands in each Secret that Airflow generates. `flower_login` is `<user>:<password>`."""
    contents = {
        Secret.METADATA: {CONNECTION: metadata},
        Secret.RESULTS: {CONNECTION: results},
        Secret.BROKER: {CONNECTION: broker},
        Secret.FERNET: {FERNET_KEY: fernet_keys},
        Secret.API: {API_SECRET_KEY: api_secret_key},
        Secret.JWT: {JWT_SECRET: jwt_secret},
        Secret.FLOWER: {FLOWER_LOGIN: flower_login},
        Secret.ADMIN: {ADMIN_USERNAME: admin_username, ADMIN_PASSWORD: admin_password},
    }
    return {**contents, Secret.CONFIG: dict(options)} if options else contents
