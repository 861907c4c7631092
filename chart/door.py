"""What Airflow is told about the load balancer in front of it: under which name it is reached, and whom to believe."""

from __future__ import annotations

from dataclasses import dataclass

from chart.access import SignOn, api_server_variables, sign_on_values
from chart.pieces import Values, environment


@dataclass(frozen=True, kw_only=True)
class Door:
    """A load balancer that ends TLS and hands on to the api-server."""

    host: str
    """The name under which people and machines reach Airflow."""
    proxies: tuple[str, ...]
    """Address ranges that the load balancer's connections come from."""

    sign_on: SignOn | None = None
    """Who is let in by single sign-on; None if there is the local administrator only."""

    @property
    def url(self) -> str:
        """Where the UI is."""
        return f"https://{self.host}"


def door_config(door: Door | None) -> dict[str, dict[str, str]]:
    """Options of airflow.cfg. Without a load balancer Airflow believes what it sees, and nothing is to be told."""
    if door is None:
        return {}
    return {
        # Where people are sent after login and logout. Without it, the request's own Host would decide.
        "api": {"base_url": door.url},
        "fab": {
            "cookie_secure": "True",
            # It would believe the headers of anybody who reaches the port, pods among them. uvicorn believes the load
            # balancer alone, and hands on what it found to the pages of FAB too.
            "enable_proxy_fix": "False",
        },
    }


def door_values(door: Door | None, *, flower: bool = False) -> Values:
    """Values of the api-server. It takes the client's address and protocol from the load balancer, from nobody else."""
    if door is None:
        return {}
    sign_on = api_server_variables(door.sign_on, flower=flower) if door.sign_on else {}
    return {
        # Off by default. Then redirects of the API would lead to http, and its log would name the load balancer.
        "args": ["bash", "-c", "exec airflow api-server --proxy-headers"],
        # uvicorn takes networks too: https://uvicorn.dev/deployment/#proxies-and-forwarded-headers
        "env": environment({"FORWARDED_ALLOW_IPS": ",".join(door.proxies), **sign_on}),
        **(sign_on_values(door.sign_on, flower=flower) if door.sign_on else {}),
    }
