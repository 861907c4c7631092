"""The options of Airflow without which the door has a hole. They are looked at before anything is served."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from runtime.access.files import LOOPBACK, AccessError

Option = Callable[[str, str], str]
"""An option's value by section and key; empty if it is not set."""
TRUSTED_PROXIES = "FORWARDED_ALLOW_IPS"
"""uvicorn's variable: whose X-Forwarded-For and -Proto it believes."""
WANTED = (
    ("fab", "session_backend", "database", "a logout could not end a session that lives in a cookie"),
    ("fab", "auth_role_public", "", "everybody would have that role without signing in"),
    # ProxyFix believes these headers from anybody. uvicorn believes them from the load balancer, which is enough.
    ("fab", "enable_proxy_fix", "False", "anybody could say from which address he comes"),
    (
        "fab",
        "auth_backends",
        "airflow.providers.fab.auth_manager.api.auth.backend.session",
        "the others take passwords",
    ),
)


def base_url(option: Option) -> str:
    """The public address of Airflow, without a slash at its end."""
    return option("api", "base_url").rstrip("/")


def check(option: Option, environment: Mapping[str, str] = os.environ) -> None:
    """Refuse options that would make the door unsafe, all at once."""
    if mistakes := [*_url(option), *_fixed(option), *_proxies(environment)]:
        raise AccessError("; ".join(mistakes))


def _url(option: Option) -> Iterator[str]:
    url = base_url(option)
    parts = urlsplit(url)
    local = parts.hostname in LOOPBACK
    if not parts.hostname or (parts.scheme != "https" and not local):
        yield f"[api] base_url is {url!r}: it must be the public address, with https"
    elif not local and option("fab", "cookie_secure").lower() != "true":
        yield "[fab] cookie_secure must be True: the cookie would be sent without TLS"


def _fixed(option: Option) -> Iterator[str]:
    for section, key, wanted, why in WANTED:
        value = option(section, key)
        if value.lower() != wanted.lower():
            yield f"[{section}] {key} is {value!r} and must be {wanted!r}: {why}"


def _proxies(environment: Mapping[str, str]) -> Iterator[str]:
    trusted = environment.get(TRUSTED_PROXIES, "")
    if any(each.strip() in ("*", "0.0.0.0/0", "::/0") for each in trusted.split(",")):
        yield f"{TRUSTED_PROXIES} is {trusted!r}: name the load balancer's networks, or anybody sets these headers"
