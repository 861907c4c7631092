"""What `pulumi up` publishes of a folder of DAGs: one release, its files one by one, or nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from releases.build import build_release
from releases.folder import read_folder
from releases.format import Release

CACHE = Path(".cache/dag-releases")
"""Below the project, so that Pulumi's state names no folder of this machine."""
KEPT = 5
"""Archives that stay in the cache. An update that runs now may still read the one before."""
STALE_SECONDS = 24 * 3600
"""An unfinished archive that is older than this was left behind by a build that was killed."""


@dataclass(frozen=True)
class LooseFiles:
    """Files that are published one by one, as Airflow's own S3DagBundle expects them."""

    paths: Mapping[str, Path]
    """By their path inside the folder, with slashes."""


Publication = Release | LooseFiles | None
"""None: `python -m scripts.dags` publishes, and Pulumi keeps its hands off."""


def publication(
    folder: Path, *, bundle: Literal["release", "s3"], publisher: Literal["pulumi", "command"], cache: Path = CACHE
) -> Publication:
    """Build what the settings `airflow.dags` ask for. Raises ReleaseError with every mistake in the folder."""
    if publisher == "command":
        return None
    if bundle == "s3":
        return LooseFiles({path: source.path for path, source in read_folder(folder).sources.items()})
    release = build_release(folder, into=cache)
    _prune(cache, current=release.archive)
    return release


def _prune(cache: Path, *, current: Path) -> None:
    """Keep the newest archives, so that the cache does not grow with every change of a DAG."""
    archives = sorted((path for path in cache.glob("*.tar") if path != current), key=_modified, reverse=True)
    unfinished = [path for path in cache.glob("*.making") if _modified(path) < time.time() - STALE_SECONDS]
    for path in (*archives[KEPT - 1 :], *unfinished):
        path.unlink(missing_ok=True)


def _modified(path: Path) -> float:
    """When a file was written; long ago if another process has just removed it."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
