"""Single sign-on on one machine: what a stack file says of it on AWS, and the files that the api-server then reads.

The program makes ConfigMaps and Secrets of the same texts (components/user_access.py).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import certifi

from chart import access as files
from chart.access import SignOn
from chart.door import Door
from chart.secrets import CLIENT_SECRET, FLOWER_LOGIN
from local.differences import AIRFLOW_HOST, airflow_url
from local.ports import LOOPBACK, Ports
from local.services.provider import CLIENT_ID, GROUPS, MACHINE_ID
from local.state import write_private
from settings import AccessSettings

MACHINE = "local"
"""The name of the machine that the commands of the local platform are."""


def settings(ports: Ports) -> AccessSettings:
    """`alisio:access` for the provider of the local platform."""
    roles = {"admin": "Admin", "op": "Op", "user": "User", "viewer": "Viewer"}
    issuer = ports.provider_url
    return AccessSettings.model_validate(
        {
            "issuer": issuer,
            "clientId": CLIENT_ID,
            "scopes": ("openid", "email", "profile", "groups"),
            "roles": {GROUPS[name]: role for name, role in roles.items()},
            "contact": "whoever runs this machine: .local/provider/people.json says who is in which group",
            "machines": ({"name": MACHINE, "issuer": issuer, "subject": MACHINE_ID, "role": "Op"},),
        }
    )


def door() -> Door:
    """What Airflow is told of the load balancer and of single sign-on."""
    # On AWS the checksum rolls the pods. Here nothing of it changes while anything runs.
    return Door(host=AIRFLOW_HOST, proxies=(f"{LOOPBACK}/32",), sign_on=SignOn(checksum=""))


def write_files(folder: Path, ports: Ports, *, client_secret: str, flower_login: str) -> None:
    """Write what ConfigMaps and Secrets bring into the api-server's pods. All of it is private, as secrets are."""
    access = settings(ports)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    contents = {
        files.ACCESS_FILE: files.access_file(access, issuer=ports.provider_url, client_id=CLIENT_ID, local_admin=""),
        files.MACHINES_FILE: files.machines_file(access, audience=airflow_url(ports)),
        CLIENT_SECRET: client_secret,
        FLOWER_LOGIN: flower_login,
    }
    for name, content in contents.items():
        write_private(folder / name, content)


def write_trusted(file: Path, authority: Path) -> None:
    """Write the authorities that the api-server trusts: the public ones, and the private one of provider and door."""
    file.write_text(f"{Path(certifi.where()).read_text()}\n{authority.read_text()}")
