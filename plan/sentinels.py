"""Secrets that stand in for generated ones: stable, of the right alphabet, and easy to find where they must not be."""

from __future__ import annotations

import base64
import hashlib
import string
from typing import final
from urllib.parse import quote_plus

# Shorter pieces of base64 could stand anywhere by chance.
MINIMUM = 8
ALPHANUMERIC = string.ascii_letters + string.digits


def stable_bytes(seed: str, length: int) -> bytes:
    """Bytes that look random and depend on nothing but the seed."""
    return hashlib.shake_256(seed.encode()).digest(length)


def stable_text(seed: str, length: int, alphabet: str) -> str:
    return "".join(alphabet[byte % len(alphabet)] for byte in stable_bytes(seed, length))


@final
class Sentinels:
    """Makes secrets and remembers each one, also as it looks in base64 or quoted for a URL."""

    def __init__(self) -> None:
        self.known: set[str] = set()

    def password(self, seed: str, length: int) -> str:
        """Letters and digits; starts with `Sentinel` where there is room, so that a reader sees what it is."""
        prefix = "Sentinel" if length >= 16 else ""
        return self.remember(prefix + stable_text(seed, length - len(prefix), ALPHANUMERIC))

    def bytes(self, seed: str, length: int) -> bytes:
        secret = stable_bytes(seed, length)
        self.remember(base64.b64encode(secret).decode())
        self.remember(base64.urlsafe_b64encode(secret).decode())
        self.remember(secret.hex())
        return secret

    def remember(self, secret: str) -> str:
        """Know the secret again, also quoted, or in base64 as a part of a longer text."""
        self.known |= {secret, secret.rstrip("="), quote_plus(secret), *_base64_within_text(secret.encode())}
        return secret


def _base64_within_text(secret: bytes) -> set[str]:
    """What base64 of every text that holds the secret has in it: the whole groups, for each of three alignments."""
    found: set[str] = set()
    for lead, shared in ((0, 0), (1, 2), (2, 3)):
        aligned = b"-" * lead + secret
        whole = aligned[: len(aligned) // 3 * 3]
        found.add(base64.b64encode(whole).decode()[shared:])
    return {text for text in found if len(text) >= MINIMUM}
