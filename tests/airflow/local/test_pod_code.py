"""Airflow's processes find our code as the pods do: the files of the ConfigMap, and one file more of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chart.pod_code import PATHS, SOURCES
from chart.values import RELEASE_BUNDLE
from local.airflow import alisio_local
from local.airflow.processes import place_pod_code
from tests.airflow.folders import write

OURS = ("refused", "releases", "runtime", "settings", "local", "components", "alisio_pods.releases.build")


def contents(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


WANTED = {
    **{path: SOURCES[key] for key, path in PATHS.items()},
    "alisio_local.py": Path(alisio_local.__file__).read_text(),
}


def said(code: str, *arguments: str, pod_code: Path) -> str:
    """What a process prints that has our code and nothing else, as a pod."""
    environment = {"PYTHONPATH": str(pod_code), "PATH": os.environ["PATH"], "HOME": str(pod_code.parent)}
    command = [sys.executable, "-c", code, *arguments]
    ran = subprocess.run(command, env=environment, cwd=pod_code.parent, capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def test_a_process_imports_the_bundle_from_the_folder(tmp_path: Path) -> None:
    """With the folder in PYTHONPATH, Python imports the bundle, and finds no other module of the checkout."""
    place_pod_code(tmp_path / "python")
    assert contents(tmp_path / "python") == WANTED
    code = (
        "import importlib.util as it, sys; from pydoc import locate; print(locate(sys.argv[1]).__name__); "
        "print(*(name for name in sys.argv[2:] if it.find_spec(name)))"
    )
    assert said(code, RELEASE_BUNDLE, *OURS, pod_code=tmp_path / "python") == "ReleaseDagBundle"


def test_a_dag_imports_its_own_packages_whatever_ours_are_called(tmp_path: Path) -> None:
    """Packages in the folder of DAGs that are called like ours in the repository are the DAG's own."""
    place_pod_code(tmp_path / "python")
    names = ("refused", "releases", "runtime")
    dags = write(tmp_path / "dags", {f"{name}/__init__.py": b"MINE = True\n" for name in names})
    # Airflow appends the folder of the DAGs, as here.
    code = f"import sys; sys.path.append(sys.argv[1]); from pydoc import locate; locate({RELEASE_BUNDLE!r})\n"
    code += "".join(f"import {name}; print({name}.MINE)\n" for name in names)
    assert said(code, str(dags), pod_code=tmp_path / "python").split() == ["True"] * 3


@pytest.mark.parametrize("layout", ["a link to a folder", "a link to everything", "links", "more modules"])
def test_what_an_earlier_layout_left_is_replaced(tmp_path: Path, layout: str) -> None:
    """Whatever is there goes, and nothing is written through a link: what it leads to stays as it was."""
    place, outside = tmp_path / "python", tmp_path / "checkout"
    write(outside, {"kept.py": b"kept"})
    match layout:
        case "a link to everything":
            place.symlink_to(outside)
        case "a link to a folder":
            place.mkdir()
            (place / "alisio_pods").symlink_to(outside)
        case "links":
            for path in WANTED:
                (place / path).parent.mkdir(parents=True, exist_ok=True)
                (place / path).symlink_to(outside / "kept.py")
        case _:
            place_pod_code(place)
            (place / "alisio_pods" / "runtime" / "old.py").write_text("")
    place_pod_code(place)
    assert contents(place) == WANTED
    assert not [path for path in place.rglob("*") if path.is_symlink()]
    assert contents(outside) == {"kept.py": "kept"}
