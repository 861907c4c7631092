"""Airflow's processes find our code as the pods do: the modules of the ConfigMap, and nothing else of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chart.pod_code import CHECKOUT, MODULES, path_of
from local.airflow.processes import link_pod_code


def links(folder: Path) -> dict[str, Path]:
    return {str(path.relative_to(folder)): path.resolve() for path in folder.rglob("*") if path.is_symlink()}


WANTED = {path_of(module): CHECKOUT / path_of(module) for module in MODULES}


def test_a_process_imports_the_bundle_from_the_folder(tmp_path: Path) -> None:
    """With the folder in PYTHONPATH, Python finds the bundle, and no other folder of the checkout."""
    link_pod_code(tmp_path / "python")
    assert links(tmp_path / "python") == WANTED
    code = "import importlib.util as it, sys; print(*(name for name in sys.argv[1:] if it.find_spec(name)))"
    environment = {"PYTHONPATH": str(tmp_path / "python"), "PATH": os.environ["PATH"]}
    names = [
        "runtime.release_bundle",
        "releases.unpack",
        "refused",
        "settings",
        "local",
        "components",
        "releases.build",
    ]
    said = subprocess.run(
        [sys.executable, "-c", code, *names], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == names[:3]


@pytest.mark.parametrize("layout", ["a link to a folder", "a link to everything", "more modules"])
def test_what_an_earlier_layout_left_is_replaced(tmp_path: Path, layout: str) -> None:
    """Whatever is there goes, and nothing is written through a link: the folder that it leads to stays as it was."""
    place, outside = tmp_path / "python", tmp_path / "checkout"
    outside.mkdir()
    (outside / "kept.py").touch()
    match layout:
        case "a link to everything":
            place.symlink_to(outside)
        case "a link to a folder":
            place.mkdir()
            (place / "runtime").symlink_to(outside)
        case _:
            link_pod_code(place)
            (place / "runtime" / "old.py").symlink_to(outside / "kept.py")
    link_pod_code(place)
    assert links(place) == WANTED
    assert [path.name for path in outside.iterdir()] == ["kept.py"]
