"""Renders a Helm chart without a helm binary."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import helm_python as helm
import yaml

from .manifests import Manifest


class ChartError(Exception):
    """One readable reason why a chart could not be had or rendered."""


def named_chart(variable: str, *, name: str, version: str) -> Path | None:
    """The chart that an environment variable names, as a folder or an archive. None where the variable is not set.

    Another chart, or none at that path, is an error: whoever set the variable wants it to be used.
    """
    given = os.environ.get(variable)
    if not given:
        return None
    path = Path(given).expanduser()
    if not path.exists():
        raise ChartError(f"{variable}: {path} does not exist")
    try:
        with helm.Chart.load(path) as chart:
            found = f"{chart.name} {chart.version}"
    except helm.HelmError as error:
        raise ChartError(f"{variable}: {path} is not a chart: {error.detail.strip()}") from None
    if found != f"{name} {version}":
        raise ChartError(f"{variable}: {path} is {found}, wanted {name} {version}")
    return path


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
