"""What the api-server is told about who gets in: its environment, and the files beside it.

Nothing of it is in the values but names: of a ConfigMap, of Secrets, and of where they are mounted. Other parts of
Airflow get none of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from chart import pod_code
from chart.parts import Part
from chart.pieces import Values, environment
from chart.secrets import CLIENT_SECRET, FLOWER_LOGIN, Secret
from settings import AccessSettings

SIGN_IN = "auth/oauth-authorized/sso"
"""Where the provider sends people back, below Airflow's address."""
SIGNED_OUT = "auth/signed-out"
"""Where the provider sends people whom it has signed out."""
ACCESS = "alisio-access"
MACHINES = "alisio-machines"
"""ConfigMaps. The second is read again while Airflow runs, so it is one of its own."""
ACCESS_FILE = "access.json"
MACHINES_FILE = "machines.json"
VOLUME = "alisio-access"
FOLDER = "/etc/alisio"
FLOWER_PORT = 5555
OWNER_AND_GROUP = 0o440


@dataclass(frozen=True, kw_only=True)
class SignOn:
    """Single sign-on, as the chart's values need to know of it."""

    checksum: str
    """Changes with what the api-server reads only when it starts, and so rolls it."""
    secret_name: str | None = None
    """The client's secret by its name in Secrets Manager; None if it is in a Kubernetes Secret."""
    local_admin: bool = False
    """Whether the local administrator may sign in beside."""


def access_file(access: AccessSettings, *, issuer: str, client_id: str, local_admin: str) -> str:
    """How people sign in: `runtime.access.files.Access`. `local_admin` is the name of the one local user."""
    content = {
        "issuer": issuer,
        "client_id": client_id,
        "scopes": list(access.scopes),
        "groups_claim": access.claim,
        "roles": dict(access.role_of_group),
        "session_hours": access.session_hours,
        "logout": access.logout,
        "contact": access.contact,
        "break_glass": local_admin if access.break_glass else None,
    }
    return json.dumps(content, indent=2)


def machines_file(access: AccessSettings, *, audience: str) -> str:
    """Which jobs may have a token: `runtime.access.files.Machines`. `audience` is Airflow's own address."""
    machines = {
        each.name: {
            "issuer": each.issuer,
            "subject": each.subject,
            "role": each.role,
            **({"audience": each.audience} if each.audience else {}),
        }
        for each in access.machines
    }
    return json.dumps({"audience": audience, "machines": machines}, indent=2)


def api_server_variables(sign_on: SignOn, *, flower: bool) -> dict[str, str]:
    """Variables of the api-server, and of no other part."""
    return {
        "AIRFLOW__CORE__AUTH_MANAGER": pod_code.pod_name(pod_code.AUTH_MANAGER),
        "AIRFLOW__FAB__CONFIG_FILE": pod_code.place_of(pod_code.WEBSERVER_CONFIG),
        # ProxyFix would believe these headers from anybody. uvicorn believes them from the load balancer alone.
        "AIRFLOW__FAB__ENABLE_PROXY_FIX": "False",
        "ALISIO_ACCESS": f"{FOLDER}/{ACCESS_FILE}",
        "ALISIO_ACCESS_MACHINES": f"{FOLDER}/{MACHINES_FILE}",
        **(
            {"ALISIO_ACCESS_SECRET_NAME": sign_on.secret_name}
            if sign_on.secret_name
            else {"ALISIO_ACCESS_SECRET": f"{FOLDER}/{CLIENT_SECRET}"}
        ),
        **(_flower_variables() if flower else {}),
    }


def sign_on_values(sign_on: SignOn, *, flower: bool) -> Values:
    """Values of the api-server, but for its environment."""
    sources = [
        {"configMap": {"name": ACCESS, "items": _items(ACCESS_FILE)}},
        {"configMap": {"name": MACHINES, "items": _items(MACHINES_FILE)}},
        *([] if sign_on.secret_name else [{"secret": {"name": Secret.SIGN_ON.value, "items": _items(CLIENT_SECRET)}}]),
        *([{"secret": {"name": Secret.FLOWER.value, "items": _items(FLOWER_LOGIN)}}] if flower else []),
    ]
    return {
        "podAnnotations": {"checksum/alisio-access": sign_on.checksum},
        # A folder as a whole. A file that is mounted alone (subPath) would never change.
        # https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath
        "extraVolumes": [{"name": VOLUME, "projected": {"sources": sources, "defaultMode": OWNER_AND_GROUP}}],
        "extraVolumeMounts": [{"name": VOLUME, "mountPath": FOLDER, "readOnly": True}],
    }


def flower_values(*, sign_on: SignOn | None) -> Values:
    """Values of Flower: where the api-server serves it."""
    return {"env": environment({"AIRFLOW__CELERY__FLOWER_URL_PREFIX": "flower"})} if sign_on else {}


def _flower_variables() -> dict[str, str]:
    return {
        "AIRFLOW__CORE__PLUGINS_FOLDER": pod_code.place_of(pod_code.PLUGINS).removesuffix(".py"),
        "ALISIO_FLOWER_URL": f"http://{Part.FLOWER.service_account}:{FLOWER_PORT}",
        "ALISIO_FLOWER_LOGIN": f"{FOLDER}/{FLOWER_LOGIN}",
    }


def _items(key: str) -> list[dict[str, str]]:
    return [{"key": key, "path": key}]
