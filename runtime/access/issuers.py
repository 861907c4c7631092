"""The keys of the issuers that machines come from. Nobody else's are ever fetched."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from joserfc.jwk import KeySet

from runtime.access.files import LOOPBACK
from runtime.access.provider import discovery_url

FRESH_SECONDS = 300
"""So long a key is believed after its issuer has withdrawn it."""
AGAIN_SECONDS = 20
"""An unknown key makes us ask again, at most so often. Anybody can send one."""
TIMEOUT_SECONDS = 5
MAX_BYTES = 500_000


class IssuerError(Exception):
    """An issuer cannot be asked for its keys."""


@dataclass(frozen=True)
class Keys:
    """The keys of an issuer, and when they were fetched."""

    keys: KeySet
    at: float

    def has(self, key_id: str | None) -> bool:
        """Whether there is a key of this name."""
        return any(key.kid == key_id for key in self.keys.keys)


class Issuers:
    """Keys by issuer, each fetched when it is first needed, and again when it is old or lacks a key."""

    def __init__(self) -> None:
        self._known: dict[str, Keys] = {}
        self._lock = threading.Lock()

    def keys(self, issuer: str, key_id: str | None) -> KeySet:
        """The keys of an issuer that the caller trusts, with the named one if the issuer has it."""
        with self._lock:
            known = self._known.get(issuer)
            age = time.monotonic() - known.at if known else FRESH_SECONDS
            if known is None or age >= FRESH_SECONDS or (age >= AGAIN_SECONDS and not known.has(key_id)):
                known = self._known[issuer] = Keys(_fetched(issuer), time.monotonic())
            return known.keys


def _fetched(issuer: str) -> KeySet:
    document = _get(discovery_url(issuer))
    if document.get("issuer") != issuer:
        raise IssuerError(f"{discovery_url(issuer)} says that it is {document.get('issuer')!r}")
    try:
        return KeySet.import_key_set(_get(str(document.get("jwks_uri"))))  # type: ignore[arg-type]
    except IssuerError:
        raise
    except Exception as error:
        raise IssuerError(f"the keys of {issuer} cannot be read: {type(error).__name__}") from None


def _get(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise IssuerError(f"{url!r} is no address with https")
    try:
        answer = httpx.get(url, timeout=TIMEOUT_SECONDS, follow_redirects=False)
        answer.raise_for_status()
        if len(answer.content) > MAX_BYTES:
            raise IssuerError(f"{url} answers more than {MAX_BYTES} bytes")
        document = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise IssuerError(f"{url} cannot be asked: {type(error).__name__}") from None
    if not isinstance(document, dict):
        raise IssuerError(f"{url} answers no JSON object")
    return document
