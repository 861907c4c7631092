"""In place of a company's OpenID provider: the certified one of npm, with people to log in as, and a machine.

`oidc-provider` because it is certified by the OpenID Foundation and refuses what a real one refuses: another redirect
URI, no PKCE, a wrong secret. Those on PyPI accept anything, and Keycloak is in no registry of packages.
"""

from __future__ import annotations

import json
import secrets
import shutil
import ssl
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from local.ports import LOOPBACK, Ports
from local.processes.process import Process
from local.services.certificates import Certificates
from local.services.node_programs import SOURCES, Node
from local.state import State, made_whole, write_private
from refused import Refused

NAME = "provider"
CLIENT_ID = "airflow"
MACHINE_ID = "alisio-local"
"""The commands of the local platform. They log in as a machine."""
GROUPS = {"admin": "airflow-admins", "op": "airflow-ops", "user": "airflow-users", "viewer": "airflow-viewers"}
NAMES = {"admin": "Ada", "op": "Otto", "user": "Ulla", "viewer": "Vera", "nobody": "Nils"}
PEOPLE = {
    name: {
        "name": f"{first} Example",
        "email": f"{name}@example.com",
        "groups": [GROUPS[name]] if name in GROUPS else [],
    }
    for name, first in NAMES.items()
}
"""One for each role, and one whose groups give none."""


@dataclass(frozen=True)
class Keys:
    """What the provider and its clients know. Generated once for each data directory."""

    password: str
    """Of all people."""
    client: str
    machine: str
    cookies: str
    signing: Mapping[str, Any]
    """A private JWK."""


def keys(state: State) -> Keys:
    """The keys of this data directory, and the file of its people. Made whole, at the first start with `--sso`."""
    if not state.provider.exists():
        with made_whole(state.provider) as making:
            made = Keys(*(secrets.token_urlsafe(18) for _ in range(4)), signing=_signing_key())
            write_private(making / "keys.json", json.dumps(asdict(made)))
            (making / "people.json").write_text(f"{json.dumps(PEOPLE, indent=2)}\n")
    file = state.provider / "keys.json"
    try:
        return Keys(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        raise Refused(f"{file} is damaged.", f"Delete {state.provider}: the next start makes it anew.") from None


def people(state: State) -> Path:
    """The file of the people. Whoever changes it, changes who they are at their next login."""
    return state.provider / "people.json"


def assertion(ports: Ports, known: Keys, *, authority: Path) -> str:
    """A token of the machine, by which Airflow lets it in."""
    import httpx

    try:
        answer = httpx.post(
            f"{ports.provider_url}/token",
            data={"grant_type": "client_credentials"},
            auth=(MACHINE_ID, known.machine),
            verify=ssl.create_default_context(cafile=str(authority)),
        )
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise Refused(f"The provider gives no token: {error}.", "Does `make local SSO=1` run?") from None
    return answer.json()["access_token"]


def process(node: Node, *, state: State, files: Certificates, ports: Ports, airflow: str, audience: str) -> Process:
    """The provider. `airflow` is the address that it sends people back to; `audience` is whom machines speak to."""
    home = state.run / NAME
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    for source in SOURCES.glob("*.mjs"):
        shutil.copyfile(source, home / source.name)
    # Node looks for packages beside the file that imports them.
    (home / "node_modules").symlink_to(node.packages)
    told = home / "told.json"
    write_private(told, json.dumps(_told(keys(state), state, files, ports, airflow=airflow, audience=audience)))
    command = [str(node.program), str(home / "provider.mjs"), str(told)]
    return Process(name=NAME, command=command, directory=state.run)


def _told(
    known: Keys, state: State, files: Certificates, ports: Ports, *, airflow: str, audience: str
) -> Mapping[str, Any]:
    client = {
        "client_id": CLIENT_ID,
        "client_secret": known.client,
        "redirect_uris": [f"{airflow}/auth/oauth-authorized/sso"],
        "post_logout_redirect_uris": [f"{airflow}/auth/signed-out"],
    }
    machine = {
        "client_id": MACHINE_ID,
        "client_secret": known.machine,
        "grant_types": ["client_credentials"],
        "response_types": [],
        "redirect_uris": [],
    }
    return {
        "issuer": ports.provider_url,
        "host": LOOPBACK,
        "port": ports.provider,
        "certificate": str(files.certificate),
        "key": str(files.key),
        "clients": [client, machine],
        "jwks": {"keys": [known.signing]},
        "cookieKeys": [known.cookies],
        "people": str(people(state)),
        "password": known.password,
        "audience": audience,
    }


def _signing_key() -> Mapping[str, Any]:
    from joserfc.jwk import RSAKey

    return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True).as_dict(private=True)
