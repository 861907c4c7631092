"""Answers in place of the random provider: the same in each run, and sentinels instead of secrets."""

from __future__ import annotations

import base64
import string
import uuid
from typing import Any

from plan.asked import Registration
from plan.sentinels import ALPHANUMERIC, Sentinels, stable_bytes, stable_text


def answer(args: Registration, sentinels: Sentinels) -> tuple[str, dict[str, Any]]:
    """The id, and what the provider generates."""
    match args.typ:
        case "random:index/randomPassword:RandomPassword":
            bcrypt = sentinels.remember("$2a$10$" + stable_text(f"bcrypt {args.urn}", 53, ALPHANUMERIC))
            return "none", {"result": sentinels.password(args.urn, args.number("length")), "bcryptHash": bcrypt}
        case "random:index/randomBytes:RandomBytes":
            secret = sentinels.bytes(args.urn, args.number("length"))
            return "none", {"base64": base64.b64encode(secret).decode(), "hex": secret.hex()}
        case "random:index/randomId:RandomId":
            return _random_id(stable_bytes(args.urn, args.number("byteLength")), prefix=args.text("prefix"))
        case "random:index/randomUuid:RandomUuid":
            text = str(uuid.UUID(bytes=stable_bytes(args.urn, 16), version=4))
            return text, {"result": text}
        case _:
            text = stable_text(args.urn, 8, string.ascii_lowercase)
            return text, {"result": text}


def _random_id(number: bytes, *, prefix: str) -> tuple[str, dict[str, Any]]:
    url_safe = base64.urlsafe_b64encode(number).decode().rstrip("=")
    return url_safe, {
        "b64Url": prefix + url_safe,
        "b64Std": prefix + base64.b64encode(number).decode(),
        "hex": prefix + number.hex(),
        "dec": prefix + str(int.from_bytes(number)),
    }
