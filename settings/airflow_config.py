"""Options of airflow.cfg in a stack file: which may be there, and what their values may be.

A value means the same in the pods and on one machine: it is a text, without interpolation of `%` and without templates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from settings.base import Mistake

Options = Mapping[str, Mapping[str, str]]
"""Values by section and key."""
SECRET_CONFIG = "secretConfig"
"""The key of a stack file whose values are secrets."""
GUARDED = (
    "api.secret_key",
    "api_auth.jwt_secret",
    "celery.broker_url",
    "celery.flower_basic_auth",
    "celery.result_backend",
    "celery.ssl_active",
    "core.executor",
    "core.fernet_key",
    "core.sql_alchemy_conn",
    "database.sql_alchemy_conn",
    "database.sql_alchemy_conn_async",
    "logging.remote_base_log_folder",
    "logging.remote_logging",
    "secrets.backend",
    "secrets.backend_kwargs",
)
"""Options that would put a secret in the open, or break what the platform sets up."""
SENSITIVE = (
    "celery_broker_transport_options.sentinel_kwargs",
    "celery_result_backend_transport_options.sentinel_kwargs",
    "core.asset_manager_kwargs",
    "database.sql_alchemy_engine_args",
    "logging.remote_task_handler_kwargs",
    "opensearch.username",
    "sentry.sentry_dsn",
    "webserver.secret_key",
    "workers.secrets_backend_kwargs",
)
"""Options that Airflow calls sensitive, beside those above and those with a name that says so."""
SECRET_NAME = re.compile(r".*(password|passwd|secret|secret_key|private_key|token|api_key)")
PATH_OF_A_SECRET = re.compile(r"(.*)_(cmd|secret)")
"""Airflow asks a command or the secrets backend for the value of the option without this ending."""
SECTION = re.compile(r"[a-z][a-z0-9_.]*", re.ASCII)
KEY = re.compile(r"[a-z][a-z0-9_-]*", re.ASCII)
LINE = re.compile("[\t -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")
"""Characters of which YAML makes no line break, and that it allows."""
NAMES = "no option of airflow.cfg: sections are of a-z, 0-9, _ and dots, keys of a-z, 0-9, _ and hyphens"


def is_sensitive(section: str, key: str) -> bool:
    """Whether a value is a secret, by Airflow's own list or by the option's name."""
    option = f"{section}.{key}".lower()
    path = PATH_OF_A_SECRET.fullmatch(option)
    if path and (path[1] in (*SENSITIVE, *GUARDED) or SECRET_NAME.fullmatch(path[1])):
        return False
    return option in SENSITIVE or bool(SECRET_NAME.fullmatch(option))


def plain_mistakes(options: Options) -> Iterator[Mistake]:
    """What is wrong with options that everybody may read. No message shows a value that may be a secret."""
    for section, key, value in _each(options):
        path = f"config.{section}.{key}"
        if found := _misplaced(section, key):
            yield Mistake(path, found)
        elif is_sensitive(section, key):
            yield Mistake(path, f"a secret that everybody could read here; {way(section, key)}")
        elif not LINE.fullmatch(value) or value != value.strip():
            yield Mistake(path, "takes one line of text without blanks at its ends; in YAML, >- makes one of several")


def secret_mistakes(options: Options) -> Iterator[Mistake]:
    """What is wrong with options whose values are secrets."""
    for section, key, value in _each(options):
        path = f"{SECRET_CONFIG}.{section}.{key}"
        if found := _misplaced(section, key):
            yield Mistake(path, found)
        elif "\0" in value:
            yield Mistake(path, "has a character that no environment variable can have")


def way(section: str, key: str) -> str:
    """How to put a secret option where it stays one."""
    place = f'["{section}"]' if "." in section else f".{section}"
    command = f"pulumi config set --secret --path 'alisio:{SECRET_CONFIG}{place}.{key}'"
    return f"`{command}` encrypts it (in Pulumi.local.yaml it is plain, below the same keys)"


def _each(options: Options) -> Iterator[tuple[str, str, str]]:
    for section, entries in options.items():
        for key, value in entries.items():
            yield section, key, value


def _misplaced(section: str, key: str) -> str | None:
    # Airflow ignores the case of keys, and in variables also that of sections.
    if f"{section}.{key}".lower() in GUARDED:
        return "is set by the platform; remove it"
    if not SECTION.fullmatch(section) or not KEY.fullmatch(key):
        return NAMES
    return None
