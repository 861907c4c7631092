"""What people change in the program's own files, in a project that owns copies of them."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import yaml

from tests.engine.project import Project


def edit(project: Project, file: str) -> None:
    """A new last line in a file of the project, in a folder of its own."""
    path = project.folder / file
    with path.open("a", encoding="utf-8") as text:
        text.write("\n# Changed.\n")


def publish_as(repository: Path, chart: str, old: str, new: str) -> None:
    """The same chart under another version, beside the old one."""
    before, after = repository / f"{chart}-{old}.tgz", repository / f"{chart}-{new}.tgz"
    with tarfile.open(before) as source, tarfile.open(after, "w:gz") as target:
        for entry in source:
            file = source.extractfile(entry)
            content = file.read() if file else b""
            if entry.name == f"{chart}/Chart.yaml":
                content = content.replace(f"version: {old}".encode(), f"version: {new}".encode())
                entry.size = len(content)
            target.addfile(entry, io.BytesIO(content))
    index = repository / "index.yaml"
    known = yaml.safe_load(index.read_text(encoding="utf-8"))
    versions = known["entries"][chart]
    versions.insert(0, {**json.loads(json.dumps(versions[0])), "version": new, "urls": [after.name]})
    index.write_text(yaml.safe_dump(known), encoding="utf-8")
