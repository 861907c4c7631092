"""Publishes a folder of DAGs as the stack's bundle needs it: as a release, or file by file for Airflow's S3 bundle."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

from chart.parts import Part
from local.platform import Platform
from local.services.bucket_files import client
from refused import Refused
from releases.folder import read_folder
from scripts.dags.bucket import ReleaseBucket
from scripts.dags.check import Trial
from scripts.dags.person import person
from scripts.dags.pod import dag_processor
from scripts.dags.publish import publish as publish_release


def publish(platform: Platform, folder: Path, *, python: Path | None = None) -> str:
    """Make the published DAGs those of the folder, and say what was done. `python` tries their imports before that."""
    if not folder.is_dir():
        raise Refused(f"{folder} is not a directory.", "Name the folder that holds the DAGs: publish dags/")
    s3 = client("s3", platform.emulator)
    said = io.StringIO()
    bucket = ReleaseBucket(s3, platform.buckets.dags)
    try:
        trial = Trial(python=python, pod=dag_processor(platform.values)) if python else None
        if platform.stack.settings.airflow.dags.bundle != "release":
            return _files(s3, platform, folder)
        with contextlib.redirect_stdout(said):
            publish_release(bucket, folder, person(folder), trial=trial, dry_run=False)
    except Refused as error:
        way_out = error.way_out or f"Correct {folder}, then publish again: python -m local publish {folder}"
        raise Refused(str(error), way_out) from None
    return said.getvalue().strip()


def _files(s3: Any, platform: Platform, folder: Path) -> str:
    prefix = (
        platform.values[Part.DAG_PROCESSOR.values_key]["dagBundleConfigList"][0]["kwargs"]["prefix"].rstrip("/") + "/"
    )
    files = {f"{prefix}{path}": source.path for path, source in read_folder(folder).sources.items()}
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=platform.buckets.dags, Prefix=prefix)
    removed = {item["Key"] for page in pages for item in page.get("Contents", [])} - files.keys()
    for key, path in files.items():
        s3.put_object(Bucket=platform.buckets.dags, Key=key, Body=path.read_bytes())
    for key in removed:
        s3.delete_object(Bucket=platform.buckets.dags, Key=key)
    return f"{len(files)} files put, {len(removed)} removed"
