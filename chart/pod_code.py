"""Our Python that runs inside Airflow's pods: which files, under which names, with which hash.

A ConfigMap holds the files. It has no folders, so its keys are module names, which the volume turns into paths.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

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
    "runtime.release_bundle",
    "runtime.release_cache",
    "runtime.release_store",
)
"""What pods import, and nothing else. A change of any other file does not roll them. A test follows the imports."""


def path_of(module: str) -> str:
    """The file of a module, relative to any folder in PYTHONPATH."""
    return f"{module.replace('.', '/')}.py"


SOURCES = {f"{module}.py": (CHECKOUT / path_of(module)).read_text() for module in MODULES}
"""Contents of the ConfigMap: source code by key."""
CHECKSUM = hashlib.sha256(json.dumps(SOURCES).encode()).hexdigest()
"""A hash of our code. A change of the code changes it, and so rolls the pods."""


def volume() -> dict[str, Any]:
    """The ConfigMap as a volume, with a folder for each package."""
    items = [{"key": f"{module}.py", "path": path_of(module)} for module in MODULES]
    return {"name": NAME, "configMap": {"name": NAME, "items": items}}
