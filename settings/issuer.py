"""Addresses of those who vouch for people and machines."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

WELL_KNOWN = "/.well-known/openid-configuration"
ENTRA = "login.microsoftonline.com"
ENTRA_PATH = re.compile(r"/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/v2\.0")
COGNITO = re.compile(r"https://cognito-idp\.[a-z0-9-]+\.amazonaws\.com/[\w-]+")


def is_cognito(issuer: str) -> bool:
    """Whether it is a user pool of Amazon Cognito."""
    return COGNITO.fullmatch(issuer) is not None


def port(issuer: str) -> int:
    """Where it listens."""
    return urlsplit(issuer).port or 443


def _issuer(text: str) -> str:
    example = "such as https://example.okta.com"
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError(f"a URL that begins with https://, {example}") from None
    if parts.scheme != "https" or not parts.hostname or not text.isascii() or text != text.strip() or " " in text:
        raise ValueError(f"a URL that begins with https://, {example}")
    if parts.query or parts.fragment or parts.username or parts.password or text.endswith(("?", "#")):
        raise ValueError(f"a URL with a host and a path alone, without user, query and fragment, {example}")
    if "/.well-known" in parts.path:
        raise ValueError(f"write it without {WELL_KNOWN}, which is put behind it")
    if parts.path.endswith("//"):
        raise ValueError(f"ends in two slashes: {WELL_KNOWN} is looked for behind it, and would not be found")
    # Others describe themselves under another name than their address, and so are refused at the first sign-in:
    # https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
    if parts.hostname == ENTRA and not ENTRA_PATH.fullmatch(parts.path):
        raise ValueError(f"of Entra ID, name your tenant by its id: https://{ENTRA}/<tenant id>/v2.0")
    return text


IssuerUrl = Annotated[str, AfterValidator(_issuer)]
"""Where an issuer is, exactly as it names itself in its tokens. It describes itself below `/.well-known`."""
