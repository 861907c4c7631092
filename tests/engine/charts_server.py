"""The charts that the program installs, from a repository on this machine: the official ones, or stand-ins."""

from __future__ import annotations

import functools
import io
import os
import tarfile
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final, final

import yaml

import versions
from tests.engine import crds
from tests.engine.project import Project

STAND_INS: Final = Path(__file__).parent / "charts"
# Chart -> the variable that names the official one, its version, and the name of its repository in `versions`.
CHARTS: Final = {
    "airflow": ("AIRFLOW_CHART", versions.AIRFLOW_CHART, "AIRFLOW_CHART_REPOSITORY"),
    "keda": ("KEDA_CHART", versions.KEDA_CHART, "KEDA_CHART_REPOSITORY"),
}


def official(chart: str) -> Path | None:
    """The official chart, as a folder or an archive, where the environment names it."""
    given = os.environ.get(CHARTS[chart][0])
    return Path(given).expanduser() if given else None


def in_use() -> str:
    """For the report of the tests."""
    return ", ".join(f"{chart}: {official(chart) or 'stand-in'}" for chart in CHARTS)


@final
class ChartRepository:
    """Serves both charts, until the `with` ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for chart in CHARTS:
            publish(chart, folder / chart, official(chart))
        handler = functools.partial(_Quiet, directory=str(folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> ChartRepository:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def serve(self, project: Project) -> None:
        """Let the program of this project take its charts from here."""
        for chart, (_, _, name) in CHARTS.items():
            url = f"http://127.0.0.1:{self._server.server_port}/{chart}"
            project.replace("versions.py", getattr(versions, name), url)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def publish(chart: str, folder: Path, source: Path | None) -> None:
    """Pack the chart, or its stand-in where there is no source, into a folder that is a Helm repository."""
    folder.mkdir(parents=True)
    version = CHARTS[chart][1]
    archive = folder / f"{chart}-{version}.tgz"
    if source is not None and source.is_file():
        archive.write_bytes(source.read_bytes())
    else:
        with tarfile.open(archive, "w:gz") as tar:
            for name, content in _files(source) if source else _stand_in(chart, version):
                entry = tarfile.TarInfo(f"{chart}/{name}")
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    entries = {chart: [{"apiVersion": "v2", "name": chart, "version": version, "urls": [archive.name]}]}
    index = {"apiVersion": "v1", "entries": entries, "generated": "2000-01-01T00:00:00Z"}
    (folder / "index.yaml").write_text(yaml.safe_dump(index), encoding="utf-8")


def _files(source: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(source.rglob("*")):
        # A folder of a chart may hold the packed chart as well, which Helm would take for a part of it.
        if file.is_file() and not (file.suffix == ".tgz" and file.parent == source):
            yield file.relative_to(source).as_posix(), file.read_bytes()


def _stand_in(chart: str, version: str) -> Iterator[tuple[str, bytes]]:
    for name, content in _files(STAND_INS / chart):
        yield name, content.replace(b"version: 0.0.0", f"version: {version}".encode())
    if chart == "keda":
        for definition in crds.keda():
            text = yaml.safe_dump(definition).replace("{{", '{{ "{{" }}')
            yield f"templates/crds/{definition['metadata']['name']}.yaml", text.encode()
