"""Stable secrets in place of generated ones, made to be found where no secret may be."""

from __future__ import annotations

import base64
import hashlib
import string
from typing import final
from urllib.parse import quote_plus

# Shorter pieces of base64 could occur anywhere by chance.
MINIMUM = 8
ALPHANUMERIC = string.ascii_letters + string.digits


def stable_bytes(seed: str, length: int) -> bytes:
    """Bytes that look random and depend only on the seed."""
    return hashlib.shake_256(seed.encode()).digest(length)


def stable_text(seed: str, length: int, alphabet: str) -> str:
    return "".join(alphabet[byte % len(alphabet)] for byte in stable_bytes(seed, length))


@final
class Sentinels:
    """Makes secrets and remembers each one, in the clear, in base64, and quoted for a URL."""

    def __init__(self) -> None:
        self.known: set[str] = set()

    def password(self, seed: str, length: int) -> str:
        """A password of letters and digits. It starts with `Sentinel` if it is long enough, so that readers know it."""
        prefix = "Sentinel" if length >= 16 else ""
        return self.remember(prefix + stable_text(seed, length - len(prefix), ALPHANUMERIC))

    def bytes(self, seed: str, length: int) -> bytes:
        secret = stable_bytes(seed, length)
        self.remember(base64.b64encode(secret).decode())
        self.remember(base64.urlsafe_b64encode(secret).decode())
        self.remember(secret.hex())
        return secret

    def remember(self, secret: str) -> str:
        """Remember a secret: as it is, quoted, and in base64 as a part of a longer text."""
        self.known |= {secret, secret.rstrip("="), quote_plus(secret), *_base64_within_text(secret.encode())}
        return secret


def _base64_within_text(secret: bytes) -> set[str]:
    """What the base64 of any text with the secret contains: the whole groups, for each of three alignments."""
    found: set[str] = set()
    for lead, shared in ((0, 0), (1, 2), (2, 3)):
        aligned = b"-" * lead + secret
        whole = aligned[: len(aligned) // 3 * 3]
        found.add(base64.b64encode(whole).decode()[shared:])
    return {text for text in found if len(text) >= MINIMUM}
