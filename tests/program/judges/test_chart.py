"""The chart's finder, renderer and value checks."""

from __future__ import annotations

import http.server
import json
import socket
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import helm_python as helm
import pytest
import yaml

from . import chart, manifests, pod_security

CHECKOUT = Path(__file__).parents[3]
REFERENCE = CHECKOUT.parent / "shared" / "reference"
OFFICIAL = REFERENCE / f"airflow-chart-{chart.VERSION}"
needs_reference = pytest.mark.skipif(not OFFICIAL.is_dir(), reason=f"{OFFICIAL} is not here")

TEMPLATE = """
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}-settings", namespace: "{{ .Release.Namespace }}"}
data: {colour: {{ .Values.colour | quote }}}
---
# an empty document
"""


class _SilentHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(autouse=True)
def _no_chart_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CHART", raising=False)


def make_chart(folder: Path, *, name: str = "airflow", version: str = chart.VERSION) -> Path:
    root = folder / name
    (root / "templates").mkdir(parents=True)
    (root / "Chart.yaml").write_text(yaml.safe_dump({"apiVersion": "v2", "name": name, "version": version}))
    (root / "values.yaml").write_text("colour: blue\n")
    (root / "templates" / "settings.yaml").write_text(TEMPLATE)
    (root / "templates" / "NOTES.txt").write_text("Hello: this: is no YAML")
    schema = {"type": "object", "properties": {"colour": {"type": "string"}}, "additionalProperties": False}
    (root / "values.schema.json").write_text(json.dumps(schema))
    return root


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A Helm repository on this machine: its address and its folder."""
    folder = tmp_path / "repository"
    folder.mkdir()
    archive = Path(helm.package(make_chart(tmp_path / "source"), destination=folder))
    entry = {"version": chart.VERSION, "urls": [archive.name], "digest": helm.digest(archive)}
    (folder / "index.yaml").write_text(yaml.safe_dump({"entries": {"airflow": [entry]}}))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_SilentHandler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    server.server_close()


def test_the_named_chart_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AIRFLOW_CHART wins over everything else, as a folder and as an archive."""
    folder = make_chart(tmp_path)
    archive = helm.package(folder, destination=tmp_path)
    for path in (folder, Path(archive)):
        monkeypatch.setenv("AIRFLOW_CHART", str(path))
        assert chart.find_chart(tmp_path) == chart.ChartSource(path=path, reason="AIRFLOW_CHART")


@pytest.mark.parametrize(
    ("name", "version", "reason"),
    [("airflow", "0.9.0", "is airflow 0.9.0, wanted airflow"), ("redis", chart.VERSION, "is redis")],
)
def test_another_chart_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, version: str, reason: str
) -> None:
    """A chart of another name or version is not taken for the pinned one."""
    monkeypatch.setenv("AIRFLOW_CHART", str(make_chart(tmp_path, name=name, version=version)))
    found = chart.find_chart(tmp_path)
    assert found.path is None
    assert reason in found.reason


def test_a_chart_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong AIRFLOW_CHART is told with its path, not replaced by a download."""
    monkeypatch.setenv("AIRFLOW_CHART", str(tmp_path / "nowhere"))
    assert chart.find_chart(tmp_path).reason == f"AIRFLOW_CHART: {tmp_path / 'nowhere'} does not exist"
    monkeypatch.setenv("AIRFLOW_CHART", str(tmp_path))
    assert "is no chart" in chart.find_chart(tmp_path).reason


def test_a_download_is_kept(tmp_path: Path, repository: tuple[str, Path]) -> None:
    """The chart is downloaded once and then read from the checkout's cache."""
    url, folder = repository
    assert chart.find_chart(tmp_path, repository=url).reason == "download"
    (folder / "index.yaml").unlink()
    found = chart.find_chart(tmp_path, repository=url)
    assert found.reason == "cache"
    assert found.path == tmp_path / ".cache" / f"airflow-{chart.VERSION}.tgz"


def test_an_altered_archive_is_refused(tmp_path: Path, repository: tuple[str, Path]) -> None:
    """An archive without the digest of the index is neither used nor kept."""
    url, folder = repository
    index = yaml.safe_load((folder / "index.yaml").read_text())
    index["entries"]["airflow"][0]["digest"] = "0" * 64
    (folder / "index.yaml").write_text(yaml.safe_dump(index))
    found = chart.find_chart(tmp_path, repository=url)
    assert found.path is None
    assert "digest" in found.reason
    assert not (tmp_path / ".cache").exists()


@pytest.mark.parametrize(
    ("index", "reason"),
    [
        ("entries: {airflow: [{version: 0.1.0}]}", f"the index has no airflow {chart.VERSION}"),
        ("a: [", "ParserError"),
        ("- a", "AttributeError"),
    ],
)
def test_a_broken_index_is_a_reason(tmp_path: Path, repository: tuple[str, Path], index: str, reason: str) -> None:
    """Whatever the repository answers, the finder comes back with a reason."""
    url, folder = repository
    (folder / "index.yaml").write_text(index)
    assert reason in chart.find_chart(tmp_path, repository=url).reason


def test_a_silent_server_does_not_hold_the_tests(tmp_path: Path) -> None:
    """A repository that accepts and never answers costs no more than the patience."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        start = time.monotonic()
        found = chart.find_chart(tmp_path, repository=url, patience_seconds=0.3)
    assert found.path is None
    assert url in found.reason
    assert time.monotonic() - start < 2


def test_rendering_gives_manifests_only(tmp_path: Path) -> None:
    """Notes and empty documents are no manifests; values, release name and namespace arrive."""
    (only,) = chart.render(make_chart(tmp_path), {"colour": "red"}, name="one", namespace="two")
    assert only["metadata"] == {"name": "one-settings", "namespace": "two"}
    assert only["data"] == {"colour": "red"}


def test_values_that_the_schema_refuses_do_not_render(tmp_path: Path) -> None:
    """Helm's own refusal becomes one message with the path of the value."""
    with pytest.raises(chart.ChartError, match="color"):
        chart.render(make_chart(tmp_path), {"color": "red"})


def test_every_schema_error_is_reported_with_its_path(tmp_path: Path) -> None:
    """All violations are listed at once; a null is a key that Helm drops."""
    schema = tmp_path / "values.schema.json"
    port = {"type": "object", "properties": {"port": {"type": "integer"}}, "additionalProperties": False}
    schema.write_text(json.dumps({"properties": {"a": port, "b": {"items": port}}}))
    assert chart.schema_errors({"a": {"port": 1, "prot": None}, "b": [{"port": None}]}, schema) == []
    assert chart.schema_errors({"a": {"port": "x"}, "b": [{}, {"prot": 1}]}, schema) == [
        "a.port: 'x' is not of type 'integer'",
        "b.1: Additional properties are not allowed ('prot' was unexpected)",
    ]


def test_unknown_keys_are_found_where_the_schema_is_open(tmp_path: Path) -> None:
    """Misspelt keys are reported at any depth and in worker sets; what a free-form map or a list holds is not."""
    keys = tmp_path / "keys.tsv"
    lines = ["path\ttype", "labels\tobject", "executor\tstring", "workers.celery.queue\tstring"]
    lines += ["workers.celery.keda.enabled\tboolean", "workers.celery.sets\tarray", "volumes\tarray"]
    keys.write_text("\n".join(lines))
    sets: list[dict[str, Any]] = [{"name": "main", "queue": "q", "keda": {"enabled": True}}]
    good = {"labels": {"any": "thing"}, "executor": "x", "volumes": [{"any": 1}], "workers": {"celery": {"sets": sets}}}
    assert chart.unknown_keys(good, keys) == []
    bad = {"path": 1, "executer": 1, "workers": {"celery": {"que": 1, "sets": [{"name": "a"}, {"keda": {"on": 1}}]}}}
    assert chart.unknown_keys(bad, keys) == [
        "executer",
        "path",
        "workers.celery.que",
        "workers.celery.sets[1].keda.on",
    ]


@needs_reference
def test_the_chart_s_own_defaults_are_known_and_valid() -> None:
    """The judges of values accept the chart's defaults and the reference values, so what they report is a mistake."""
    example = yaml.safe_load((REFERENCE / "airflow-values.example.yaml").read_text())
    for values in (yaml.safe_load((OFFICIAL / "values.yaml").read_text()), example):
        assert chart.unknown_keys(values, OFFICIAL / "keys.tsv") == []
        assert chart.schema_errors(values, OFFICIAL / "values.schema.json") == []


@needs_reference
@pytest.mark.parametrize(
    ("path", "found_by_schema"),
    [
        ("schedular", False),
        ("workers.celery.replica", False),
        ("workers.celery.sets[0].que", False),
        ("scheduler.replica", True),
    ],
)
def test_a_misspelt_chart_key_is_found(path: str, *, found_by_schema: bool) -> None:
    """A misspelt key is found by the list of keys also at the places where the chart's schema accepts anything."""
    values: dict[str, Any] = {}
    at = values
    *parents, last = path.split(".")
    for step in parents:
        child: dict[str, Any] = {}
        at[step.removesuffix("[0]")] = [child] if step.endswith("[0]") else child
        at = child
    at[last] = 1
    assert chart.unknown_keys(values, OFFICIAL / "keys.tsv") == [path]
    assert bool(chart.schema_errors(values, OFFICIAL / "values.schema.json")) == found_by_schema


@pytest.fixture(scope="session")
def official_chart() -> Path:
    found = chart.find_chart(CHECKOUT)
    if found.path is None:
        pytest.skip(found.reason)
    return found.path


@needs_reference
def test_the_official_chart_is_restricted_only_with_values(official_chart: Path) -> None:
    """The judge finds violations in the chart's defaults with everything on, and none in the reference values."""
    values = yaml.safe_load((REFERENCE / "airflow-values.example.yaml").read_text())
    rendered = chart.render(official_chart, values)
    assert pod_security.violations(rendered) == []
    assert manifests.validate(rendered).errors == []
    everything: dict[str, Any] = {name: {"enabled": True} for name in ("flower", "pgbouncer", "databaseCleanup")}
    everything |= {"otelCollector": {"tracesEnabled": True}, "dags": {"gitSync": {"enabled": True}}}
    assert len(pod_security.violations(chart.render(official_chart, everything))) > 50
