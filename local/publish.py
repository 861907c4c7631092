"""Puts the files of a DAG folder into the DAG bucket, and takes out what is no longer in the folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from local.bucket_files import client
from local.platform import Platform
from local.problem import Problem

SKIPPED = ("__pycache__", ".ruff_cache", ".pytest_cache")


@dataclass(frozen=True)
class Published:
    """What changed in the bucket."""

    put: list[str]
    removed: list[str]

    def __str__(self) -> str:
        return f"{len(self.put)} files put, {len(self.removed)} removed"


def publish(platform: Platform, folder: Path) -> Published:
    """Make the bucket's DAGs those of the folder."""
    if not folder.is_dir():
        raise Problem(f"{folder} is no directory.", "Name the folder that holds the DAGs: publish dags/")
    files = {
        f"{prefix(platform)}{path.relative_to(folder).as_posix()}": path
        for path in sorted(folder.rglob("*"))
        if _ships(path)
    }
    s3 = client("s3", platform.emulator)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=platform.buckets.dags, Prefix=prefix(platform))
    there = {item["Key"]: item["ETag"].strip('"') for page in pages for item in page.get("Contents", [])}
    put = [
        key
        for key, path in files.items()
        if there.get(key) != hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    ]
    removed = sorted(there.keys() - files.keys())
    for key in put:
        s3.put_object(Bucket=platform.buckets.dags, Key=key, Body=files[key].read_bytes())
    for key in removed:
        s3.delete_object(Bucket=platform.buckets.dags, Key=key)
    return Published(put=put, removed=removed)


def prefix(platform: Platform) -> str:
    """The prefix that the bundle reads, with its slash."""
    return platform.values["dagProcessor"]["dagBundleConfigList"][0]["kwargs"]["prefix"].rstrip("/") + "/"


def _ships(path: Path) -> bool:
    return path.is_file() and not any(part in SKIPPED for part in path.parts)
