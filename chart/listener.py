"""What the load balancer does with a request, beside handing it on: its listeners and their local double need it."""

from __future__ import annotations

EXECUTION_API = "/execution"
"""Tasks report here, inside the cluster, on the port that people use too."""
HIDDEN_PATHS = (EXECUTION_API, f"{EXECUTION_API}/*")
"""Patterns of the paths that are not found."""
YEAR_SECONDS = 31_536_000
RESPONSE_HEADERS = {
    # Airflow sends none of these. Its UI shows some of its own pages in frames.
    "Strict-Transport-Security": f"max-age={YEAR_SECONDS}",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Content-Security-Policy": "frame-ancestors 'self'; base-uri 'self'; object-src 'none'",
}
"""Headers that every answer gets, in place of what a target says."""
NOT_FOUND = "Not found"
"""The answer to another host, and to hidden paths."""
HEALTH = "/api/v2/monitor/health"
"""Answers without a login, and also while the scheduler is down: the api-server itself is well."""
