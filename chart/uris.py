"""The URIs by which Airflow and Celery find database and broker."""

from __future__ import annotations

from urllib.parse import quote

POSTGRES_PORT = 5432
REDIS_PORT = 6379
DATABASE = "airflow"
"""Name of the metadata database."""


def metadata_uri(*, username: str, password: str, host: str, port: int = POSTGRES_PORT) -> str:
    """URI for SQLAlchemy. No `sslmode`: Airflow's asynchronous engine refuses it. PGSSLMODE asks for TLS."""
    return f"postgresql://{_location(username, password, host, port)}"


def result_backend_uri(*, username: str, password: str, host: str, port: int = POSTGRES_PORT) -> str:
    """URI of the same database in the form that Celery takes."""
    return f"db+postgresql://{_location(username, password, host, port)}"


def broker_uri(*, password: str, host: str, port: int = REDIS_PORT, authority: str | None = None) -> str:
    """URI for Celery. It demands a valid certificate. `rediss://` alone checks none. `authority`: a private CA file."""
    uri = f"rediss://:{quote(password, safe='')}@{host}:{port}/0?ssl_cert_reqs=CERT_REQUIRED"
    return f"{uri}&ssl_ca_certs={quote(authority, safe='/')}" if authority else uri


def _location(username: str, password: str, host: str, port: int) -> str:
    return f"{username}:{quote(password, safe='')}@{host}:{port}/{DATABASE}"
