"""The Kubernetes Secrets that Airflow reads: their names, their keys, and what is in each."""

from __future__ import annotations

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


CONNECTION = "connection"
FERNET_KEY = "fernet-key"
API_SECRET_KEY = "api-secret-key"
JWT_SECRET = "jwt-secret"
FLOWER_LOGIN = "basicAuth"
"""The chart asks for these keys by name."""
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
) -> dict[Secret, dict[str, Text]]:
    """What stands in each Secret. `flower_login` is `<user>:<password>`."""
    return {
        Secret.METADATA: {CONNECTION: metadata},
        Secret.RESULTS: {CONNECTION: results},
        Secret.BROKER: {CONNECTION: broker},
        Secret.FERNET: {FERNET_KEY: fernet_keys},
        Secret.API: {API_SECRET_KEY: api_secret_key},
        Secret.JWT: {JWT_SECRET: jwt_secret},
        Secret.FLOWER: {FLOWER_LOGIN: flower_login},
        Secret.ADMIN: {ADMIN_USERNAME: admin_username, ADMIN_PASSWORD: admin_password},
    }
