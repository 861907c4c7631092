"""The chart that an environment variable names, and its rendering."""

from __future__ import annotations

import json
from pathlib import Path

import helm_python as helm
import pytest
import yaml

from .chart import ChartError, named_chart, render

VERSION = "1.2.3"
TEMPLATE = """
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}-settings", namespace: "{{ .Release.Namespace }}"}
data: {colour: {{ .Values.colour | quote }}}
---
# an empty document
"""


def make_chart(folder: Path, *, name: str = "airflow", version: str = VERSION) -> Path:
    root = folder / name
    (root / "templates").mkdir(parents=True)
    (root / "Chart.yaml").write_text(yaml.safe_dump({"apiVersion": "v2", "name": name, "version": version}))
    (root / "values.yaml").write_text("colour: blue\n")
    (root / "templates" / "settings.yaml").write_text(TEMPLATE)
    (root / "templates" / "NOTES.txt").write_text("Hello: this: is not YAML")
    schema = {"type": "object", "properties": {"colour": {"type": "string"}}, "additionalProperties": False}
    (root / "values.schema.json").write_text(json.dumps(schema))
    return root


def named() -> Path | None:
    return named_chart("SOME_CHART", name="airflow", version=VERSION)


def test_the_named_chart_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable names a folder or an archive."""
    folder = make_chart(tmp_path)
    for path in (folder, Path(helm.package(folder, destination=tmp_path))):
        monkeypatch.setenv("SOME_CHART", str(path))
        assert named() == path


def test_without_the_variable_there_is_no_chart(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unset and an empty variable mean the same."""
    assert named() is None
    monkeypatch.setenv("SOME_CHART", "")
    assert named() is None


@pytest.mark.parametrize(
    ("name", "version", "reason"),
    [("airflow", "0.9.0", f"is airflow 0.9.0, wanted airflow {VERSION}"), ("redis", VERSION, "is redis")],
)
def test_another_chart_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, version: str, reason: str
) -> None:
    """A chart of another name or version is not taken for the pinned one."""
    monkeypatch.setenv("SOME_CHART", str(make_chart(tmp_path, name=name, version=version)))
    with pytest.raises(ChartError, match=reason):
        named()


def test_a_path_without_a_chart_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variable and the path."""
    monkeypatch.setenv("SOME_CHART", str(tmp_path / "nowhere"))
    with pytest.raises(ChartError, match=f"^SOME_CHART: {tmp_path / 'nowhere'} does not exist"):
        named()
    monkeypatch.setenv("SOME_CHART", str(tmp_path))
    with pytest.raises(ChartError, match="is not a chart"):
        named()


def test_rendering_gives_manifests_only(tmp_path: Path) -> None:
    """Notes and empty documents are left out. Values, the release's name and the namespace arrive."""
    (only,) = render(make_chart(tmp_path), {"colour": "red"}, name="one", namespace="two")
    assert only["metadata"] == {"name": "one-settings", "namespace": "two"}
    assert only["data"] == {"colour": "red"}


def test_values_that_the_schema_refuses_do_not_render(tmp_path: Path) -> None:
    """Helm's own refusal becomes one message with the path of the value."""
    with pytest.raises(ChartError, match="color"):
        render(make_chart(tmp_path), {"color": "red"})
