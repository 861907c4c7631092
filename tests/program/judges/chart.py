"""Finds the official Airflow chart, renders it without a helm binary, and judges values against its schema."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, cast

import helm_python as helm
import jsonschema
import yaml

from .manifests import Manifest
from .plain import items, mapping

REPOSITORY = "https://airflow.apache.org"
"""The official Helm repository of Apache Airflow."""
VERSION = "1.22.0"
PATIENCE_SECONDS = 6.0

_INHERITING_LISTS = {"workers.celery.sets": "workers.celery"}
"""Lists whose items take the keys of another path: a worker set overrides what stands under `workers.celery`."""


class ChartError(Exception):
    """One readable reason why a chart could not be had or rendered."""


@dataclass(frozen=True)
class ChartSource:
    """Where the chart is, or why there is none."""

    path: Path | None
    reason: str


def find_chart(
    checkout: Path,
    *,
    version: str = VERSION,
    repository: str = REPOSITORY,
    patience_seconds: float = PATIENCE_SECONDS,
) -> ChartSource:
    """AIRFLOW_CHART, else the copy under `.cache/`, else a download into it. Never raises and never waits long.

    A wrong AIRFLOW_CHART is reported, not replaced by a download: whoever set it means that chart.
    """
    if given := os.environ.get("AIRFLOW_CHART"):
        path = Path(given).expanduser()
        return _checked(path, version=version, origin="AIRFLOW_CHART")

    cached = checkout / ".cache" / f"airflow-{version}.tgz"
    if cached.is_file():
        return _checked(cached, version=version, origin="cache")

    # urllib's timeout covers sockets only: a name server that drops queries holds it longer. Hence a thread to leave
    # behind, and a daemon, so that the interpreter's exit does not wait for it either.
    download: Future[bytes] = Future()
    arguments = {"repository": repository, "version": version, "patience_seconds": patience_seconds}
    threading.Thread(target=_download_into, args=(download,), kwargs=arguments, daemon=True).start()
    try:
        archive = download.result(timeout=patience_seconds)
    except TookTooLong:
        return ChartSource(path=None, reason=f"{repository}: no answer in {patience_seconds:g} s")
    except ChartError as error:
        return ChartSource(path=None, reason=f"{repository}: {error}")

    cached.parent.mkdir(parents=True, exist_ok=True)
    partial = cached.with_suffix(f".{os.getpid()}")
    partial.write_bytes(archive)
    partial.replace(cached)
    return _checked(cached, version=version, origin="download")


def render(chart: Path, values: dict[str, Any], *, name: str = "airflow", namespace: str = "airflow") -> list[Manifest]:
    """The manifests Helm would install, hooks included. Helm's own schema check of the values applies."""
    try:
        with helm.Chart.load(chart) as loaded:
            files = loaded.render(values, name=name, namespace=namespace)
    except helm.HelmError as error:
        raise ChartError(f"{chart.name}: {error.detail.strip()}") from None
    manifests: list[Manifest] = []
    for path, text in sorted(files.items()):
        if path.endswith(".txt"):
            continue
        documents = cast("Iterator[Manifest | None]", yaml.load_all(text, Loader=yaml.CSafeLoader))
        manifests.extend(document for document in documents if document)
    return manifests


def schema_errors(values: dict[str, Any], schema: Path) -> list[str]:
    """Every violation of a values schema, each with its path.

    Helm drops keys whose value is null before it validates, and so does this.
    """
    document: dict[str, Any] = json.loads(schema.read_text(encoding="utf-8"))
    validator: Any = jsonschema.Draft7Validator(document)
    found = [
        (".".join(str(step) for step in error.absolute_path) or "(root)", str(error.message))
        for error in validator.iter_errors(_without_nulls(values))
    ]
    return [f"{path}: {message}" for path, message in sorted(found)]


def unknown_keys(values: dict[str, Any], keys_tsv: Path) -> list[str]:
    """Paths of values that the chart does not know, so that a misspelt key is found where the schema accepts anything.

    A listed path that is a list or a free-form map (`config`, `labels`, annotations, resources) accepts what it holds:
    there the schema and the manifests' own schemas are the judges.
    """
    with keys_tsv.open(encoding="utf-8", newline="") as lines:
        known = {row[0] for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if row and row[0]}
    known.discard("path")
    branches = {path[:index] for path in known for index, letter in enumerate(path) if letter == "."}
    return sorted(_unknown(values, known=known, branches=branches))


def _unknown(
    values: dict[str, Any], *, known: set[str], branches: set[str], prefix: str = "", shown: str = ""
) -> Iterator[str]:
    for key, value in values.items():
        path, where = f"{prefix}{key}", f"{shown}{key}"
        if path in _INHERITING_LISTS and isinstance(value, list):
            parent = _INHERITING_LISTS[path]
            for index, item in enumerate(cast("list[dict[str, Any]]", value)):
                rest = {name: inner for name, inner in item.items() if name != "name"}
                yield from _unknown(
                    rest, known=known, branches=branches, prefix=f"{parent}.", shown=f"{where}[{index}]."
                )
        elif path in branches and isinstance(value, dict):
            inner = cast("dict[str, Any]", value)
            yield from _unknown(inner, known=known, branches=branches, prefix=f"{path}.", shown=f"{where}.")
        elif path not in known and path not in branches:
            yield where


def _checked(path: Path, *, version: str, origin: str) -> ChartSource:
    if not path.exists():
        return ChartSource(path=None, reason=f"{origin}: {path} does not exist")
    try:
        with helm.Chart.load(path) as chart:
            found = f"{chart.name} {chart.version}"
    except helm.HelmError as error:
        return ChartSource(path=None, reason=f"{origin}: {path} is no chart: {error.detail.strip()}")
    if found != f"airflow {version}":
        return ChartSource(path=None, reason=f"{origin}: {path} is {found}, wanted airflow {version}")
    return ChartSource(path=path, reason=origin)


def _download_into(future: Future[bytes], *, repository: str, version: str, patience_seconds: float) -> None:
    try:
        future.set_result(_download(repository=repository, version=version, patience_seconds=patience_seconds))
    except ChartError as error:
        future.set_exception(error)
    except (OSError, HTTPException, yaml.YAMLError, LookupError, AttributeError, TypeError, ValueError) as error:
        future.set_exception(ChartError(f"{type(error).__name__}: {error}"))


def _download(*, repository: str, version: str, patience_seconds: float) -> bytes:
    deadline = time.monotonic() + patience_seconds
    index_url = f"{repository.rstrip('/')}/index.yaml"
    text = _read(index_url, deadline=deadline)
    index = cast("dict[str, Any]", yaml.load(text, Loader=yaml.CSafeLoader) or {})
    entries: list[dict[str, Any]] = items(mapping(index, "entries"), "airflow")
    entry = next((item for item in entries if item.get("version") == version), None)
    if entry is None:
        raise ChartError(f"the index has no airflow {version}")
    archive = _read(urllib.parse.urljoin(index_url, str(entry["urls"][0])), deadline=deadline)
    digest = str(entry.get("digest") or "").removeprefix("sha256:")
    if hashlib.sha256(archive).hexdigest() != digest:
        raise ChartError(f"airflow {version}: the archive does not have the digest that the index names")
    return archive


def _read(url: str, *, deadline: float) -> bytes:
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise ChartError(f"no time left for {url}")
    body = io.BytesIO()
    try:
        with urllib.request.urlopen(url, timeout=remaining) as response:
            while block := response.read(1 << 16):
                body.write(block)
                if time.monotonic() > deadline:
                    raise ChartError(f"{url} is too slow")
    except urllib.error.URLError as error:
        raise ChartError(str(error.reason)) from None
    return body.getvalue()


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {key: _without_nulls(inner) for key, inner in items if inner is not None}
    if isinstance(value, list):
        return [_without_nulls(inner) for inner in cast("list[Any]", value)]
    return value
