"""Our Python that runs inside Airflow's pods: which files, under which names, with which hash.

A ConfigMap holds the files. It has no folders, so its keys are module names, which the volume turns into paths.

In pods our modules lie below one package, POD_PACKAGE. PYTHONPATH comes before the DAGs there, so a name that we have
at the top is one that no DAG folder can have, and `releases` or `runtime` may well be somebody's own package. In the
repository they are at the top. So what a pod gets is the repository's source, with POD_PACKAGE put before each import
of ours. No line moves.
"""

from __future__ import annotations

import ast
import hashlib
import json
from pathlib import Path
from typing import Any

from releases.format import POD_PACKAGE

CHECKOUT = Path(__file__).resolve().parents[1]
NAME = "alisio-runtime"
"""The ConfigMap and the volume."""
FOLDER = "/opt/alisio"
"""In PYTHONPATH of every pod."""
MODULES = (
    "refused",
    "releases.__init__",
    "releases.format",
    "releases.pointer",
    "releases.unpack",
    "runtime.__init__",
    "runtime.access.__init__",
    "runtime.access.assertions",
    "runtime.access.auth_manager",
    "runtime.access.claims",
    "runtime.access.files",
    "runtime.access.flower",
    "runtime.access.issuers",
    "runtime.access.machine_file",
    "runtime.access.managed_secret",
    "runtime.access.options",
    "runtime.access.pages",
    "runtime.access.provider",
    "runtime.access.security_manager",
    "runtime.access.sessions",
    "runtime.access.view",
    "runtime.plugins.alisio_flower",
    "runtime.queue_probe",
    "runtime.release_bundle",
    "runtime.release_cache",
    "runtime.release_store",
    "runtime.webserver_config",
)
"""What pods import, and nothing else. A change of any other file does not roll them. A test follows the imports."""
AUTH_MANAGER = "runtime.access.auth_manager.AccessFabAuthManager"
WEBSERVER_CONFIG = "runtime.webserver_config"
PLUGINS = "runtime.plugins"
"""What the api-server is told to use once there is single sign-on: a class, a file, and a folder."""
TOP = frozenset(module.partition(".")[0] for module in MODULES)


def path_of(module: str) -> str:
    """The file of a module, relative to the folder that its top-level package is in."""
    return f"{module.replace('.', '/')}.py"


def pod_name(module: str) -> str:
    """What a module of ours is called in pods."""
    return f"{POD_PACKAGE}.{module}"


def place_of(module: str) -> str:
    """Where a module of ours is in pods."""
    return f"{FOLDER}/{path_of(pod_name(module))}"


def pod_source(source: str) -> str:
    """A module's source as pods have it: its imports of ours name POD_PACKAGE."""
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names) if any(_ours(alias.name) for alias in names):
                raise ValueError(
                    f"line {node.lineno}: write `from x import y`; `import x` would bind another name in pods"
                )
            case ast.ImportFrom(level=0, module=str(module)) if _ours(module):
                line = lines[node.lineno - 1]
                before, after = line[: node.col_offset], line[node.col_offset :]
                lines[node.lineno - 1] = before + after.replace(module, pod_name(module), 1)
            case _:
                pass
    return "".join(lines)


def _ours(module: str) -> bool:
    return module.partition(".")[0] in TOP


SOURCES = {
    f"{POD_PACKAGE}.__init__.py": '"""Code of the platform. DAGs have no business here."""\n',
    **{f"{pod_name(module)}.py": pod_source((CHECKOUT / path_of(module)).read_text()) for module in MODULES},
}
"""Contents of the ConfigMap: source code by key."""
PATHS = {key: path_of(key.removesuffix(".py")) for key in SOURCES}
"""Where each lies below FOLDER."""
CHECKSUM = hashlib.sha256(json.dumps(SOURCES).encode()).hexdigest()
"""A hash of our code. A change of the code changes it, and so rolls the pods."""


def place(folder: Path) -> None:
    """Write all of it below a folder, as the volume does in a pod."""
    for key, path in PATHS.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(SOURCES[key])


def volume() -> dict[str, Any]:
    """The ConfigMap as a volume, with a folder for each package."""
    items = [{"key": key, "path": path} for key, path in PATHS.items()]
    return {"name": NAME, "configMap": {"name": NAME, "items": items}}
