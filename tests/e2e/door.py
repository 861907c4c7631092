"""Api-servers with single sign-on: their files, their database, and the browsers that come to them."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from chart.pod_code import AUTH_MANAGER, PLUGINS, WEBSERVER_CONFIG, path_of, place, pod_name
from local.airflow.processes import airflow
from local.ports import LOOPBACK, Ports
from local.services.certificates import certificates
from local.services.postgres import connect, forget, postgres
from local.state import State
from tests.airflow.access.provider import CLIENT, SECRET, Provider

ROLES = {"admins": "Admin", "ops": "Op", "users": "User", "viewers": "Viewer"}
FLOWER_LOGIN = "flower:of-the-tests"
HOURS = 1.0
CAP_SECONDS = 12
"""Of the one api-server with a short cap."""
CACHE_SECONDS = 3
"""Longer than Airflow keeps a user in these api-servers."""
GROUPS = {role: group for group, role in ROLES.items()}
RESCUE, PASSWORD = "rescue", "a-password-of-the-tests"
START_SECONDS = 180


@dataclass
class Door:
    """A database, the files of access, and as many api-servers as a test starts."""

    root: Path
    provider: Provider
    environment: dict[str, str] = field(default_factory=dict[str, str])
    running: list[subprocess.Popen[Any]] = field(default_factory=list[subprocess.Popen[Any]])

    def prepare(self, port: int) -> None:
        """Files and database of one platform, whose public address is the api-server on this port."""
        state = State(self.root / "state")
        state.prepare()
        code = self.root / "code"
        place(code)
        password, files, database = secrets.token_hex(), certificates(state), postgres(state)
        database.create(password, files)
        at = Ports.free().postgres
        server = database.process(at)
        identity: dict[str, Any] = {"user": server.user, "extra_groups": []} if server.user else {}
        self._start(server.command, cwd=server.directory, log="postgres", **identity)
        connection = _connected(lambda: connect("postgres", port=at, password=password, authority=files.authority))
        connection.autocommit = True
        connection.cursor().execute("CREATE DATABASE airflow")
        connection.close()
        (self.root / "secret").write_text(f"{SECRET}\n")
        (self.root / "flower").write_text(FLOWER_LOGIN)
        self.write("access", self.access())
        self.write("machines", {"audience": "https://airflow.test", "machines": {}})
        options = {
            ("core", "auth_manager"): pod_name(AUTH_MANAGER),
            ("core", "plugins_folder"): code / Path(path_of(pod_name(PLUGINS))).with_suffix(""),
            ("core", "load_examples"): "False",
            ("fab", "config_file"): code / path_of(pod_name(WEBSERVER_CONFIG)),
            ("fab", "enable_proxy_fix"): "False",
            ("fab", "cache_ttl"): "2",
            ("api", "base_url"): f"http://{LOOPBACK}:{port}",
            ("api", "secret_key"): secrets.token_hex(),
            ("api_auth", "jwt_secret"): secrets.token_hex(32),
            ("database", "sql_alchemy_conn"): f"postgresql+psycopg2://alisio:{password}@{LOOPBACK}:{at}/airflow",
            ("logging", "base_log_folder"): self.root / "logs",
        }
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
            **{f"AIRFLOW__{section}__{key}".upper(): str(value) for (section, key), value in options.items()},
            "AIRFLOW_HOME": str(self.root / "home"),
            "HOME": str(self.root),
            "PYTHONPATH": str(code),
            "PYTHONPYCACHEPREFIX": str(self.root / "pycache"),
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": str(files.authority),
            "ALISIO_ACCESS": str(self.root / "access.json"),
            "ALISIO_ACCESS_MACHINES": str(self.root / "machines.json"),
            "ALISIO_ACCESS_SECRET": str(self.root / "secret"),
            "ALISIO_FLOWER_LOGIN": str(self.root / "flower"),
        }
        self.airflow("db", "migrate", AIRFLOW__CORE__AUTH_MANAGER=FAB)

    def access(self, **changes: Any) -> dict[str, Any]:
        """The file that says how people sign in."""
        return {
            "issuer": self.provider.issuer,
            "client_id": CLIENT,
            "scopes": ["openid", "email", "profile"],
            "groups_claim": "groups",
            "roles": ROLES,
            "session_hours": HOURS,
            "contact": "the platform team",
            **changes,
        }

    def write(self, name: str, content: Mapping[str, Any]) -> None:
        """A file as the ConfigMap would bring it: whole, by a rename."""
        making = self.root / f"{name}.making"
        making.write_text(json.dumps(content))
        making.rename(self.root / f"{name}.json")

    def airflow(self, *command: str, **variables: str) -> str:
        """What a command of Airflow says."""
        environment = {**self.environment, **variables}
        ran = subprocess.run(
            airflow(*command), env=environment, cwd=self.root, capture_output=True, text=True, check=True
        )
        return ran.stdout

    def users(self) -> dict[str, str]:
        """All users of Airflow, with their roles."""
        listed = json.loads(self.airflow("users", "list", "-o", "json", AIRFLOW__CORE__AUTH_MANAGER=FAB))
        return {
            user["username"]: ",".join(user["roles"]) if isinstance(user["roles"], list) else user["roles"]
            for user in listed
        }

    def make_rescue(self) -> None:
        """A local administrator with a password, as one was made before there was single sign-on."""
        if RESCUE not in self.users():
            who = ["-u", RESCUE, "-e", "rescue@localhost", "-f", "R", "-l", "R", "-r", "Admin", "-p", PASSWORD]
            self.airflow("users", "create", *who, AIRFLOW__CORE__AUTH_MANAGER=FAB, AIRFLOW__FAB__CONFIG_FILE="/none")

    def serve(self, port: int, **variables: str) -> subprocess.Popen[Any]:
        """An api-server, answering."""
        command = airflow("api-server", "--host", LOOPBACK, "--port", str(port), "--proxy-headers")
        server = self._start(command, cwd=self.root, log=f"api-{port}", env={**self.environment, **variables})
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and server.poll() is None:
            try:
                if httpx.get(f"http://{LOOPBACK}:{port}/api/v2/monitor/health").status_code == 200:
                    return server
            except httpx.HTTPError:
                time.sleep(0.3)
        raise RuntimeError(self.log(f"api-{port}"))

    def refused(self, port: int, **variables: str) -> tuple[int, str]:
        """How an api-server ends that must not start: status and what it said last."""
        command = airflow("api-server", "--host", LOOPBACK, "--port", str(port), "--proxy-headers")
        environment = {**self.environment, **variables}
        ran = subprocess.run(
            command, env=environment, cwd=self.root, capture_output=True, text=True, timeout=START_SECONDS, check=False
        )  # fmt: skip
        return ran.returncode, ran.stderr.strip().splitlines()[-1]

    def log(self, name: str) -> str:
        """All that a process has said."""
        return (self.root / f"{name}.log").read_text(errors="replace")

    def close(self) -> None:
        """Stop them, the database last."""
        for process in reversed(self.running):
            # Airflow waits two minutes for connections that a browser keeps open. The database asks for INT.
            process.send_signal(signal.SIGINT if process.args[0].endswith("postgres") else signal.SIGKILL)  # type: ignore[index]
            process.wait(30)
        forget(State(self.root / "state"))

    def _start(self, command: Any, *, cwd: Path, log: str, **how: Any) -> subprocess.Popen[Any]:
        with (self.root / f"{log}.log").open("ab") as file:
            process = subprocess.Popen(command, cwd=cwd, stdout=file, stderr=file, **how)
        self.running.append(process)
        return process


FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"


def _connected(connect: Callable[[], Any]) -> Any:
    for _ in range(100):
        try:
            return connect()
        except Exception:
            time.sleep(0.2)
    return connect()


def browser(url: str, cookies: Mapping[str, str] | None = None) -> httpx.Client:
    """Cookies and redirects as a browser has them."""
    return httpx.Client(
        base_url=url, follow_redirects=True, timeout=30, headers={"Accept": "text/html"}, cookies=dict(cookies or {})
    )
