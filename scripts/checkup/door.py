"""What somebody outside sees of a stack: its name, its certificate, and whether Airflow is well."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from typing import Any, Final, cast

from scripts.checkup.deployed import Deployed

HEALTH: Final = "/api/v2/monitor/health"
"""Asked by the load balancer too, and open to everybody: https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/logging-monitoring/check-health.html"""
SECONDS: Final = 10
HTTPS: Final = 443


def name(stack: Deployed) -> str:
    """The domain leads somewhere. Empty when it is well, or when there is none."""
    if not stack.domain:
        return ""
    try:
        socket.getaddrinfo(stack.domain, HTTPS, type=socket.SOCK_STREAM)
    except OSError as error:
        return f"{stack.domain} does not resolve here ({error}): is its record there, and do you see the zone?"
    return ""


def airflow(stack: Deployed) -> str:
    """Over verified TLS; each part's heartbeat is recent."""
    return health(stack.domain) if stack.domain else ""


def health(domain: str, *, port: int = HTTPS, context: ssl.SSLContext | None = None) -> str:
    """What Airflow says of its parts at an address. Empty when all are well."""
    connection = http.client.HTTPSConnection(
        domain, port, timeout=SECONDS, context=context or ssl.create_default_context()
    )
    try:
        connection.request("GET", HEALTH, headers={"Host": domain})
        answer = connection.getresponse()
        body = answer.read()
    except ssl.SSLCertVerificationError as error:
        return f"its certificate is refused: {error.verify_message}"
    except (OSError, http.client.HTTPException) as error:
        return f"it does not answer ({error}): are you in ingress.allowedCidrs?"
    finally:
        connection.close()
    if answer.status != http.client.OK:
        return f"it answers {answer.status}: docs/operations.md says what each means"
    try:
        parts = cast("dict[str, Any]", json.loads(body))
        ill = sorted(part for part, said in parts.items() if said and said.get("status") not in ("healthy", None))
    except (ValueError, AttributeError):
        return "it answers, and that is not Airflow"
    return f"{', '.join(ill)} not healthy: `kubectl --namespace airflow get pod`" if ill else ""
