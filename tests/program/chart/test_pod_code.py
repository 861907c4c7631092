"""The pods get exactly the modules that they import: nothing is missing there, and nothing else rolls them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from chart.pod_code import CHECKOUT, MODULES, SOURCES, path_of, volume
from chart.values import RELEASE_BUNDLE

START = RELEASE_BUNDLE.rpartition(".")[0]
"""The module that Airflow is told to import."""


def file_of(module: str) -> str | None:
    """The name under which the ConfigMap has a module of ours; None where it is not ours."""
    for name in (module, f"{module}.__init__"):
        if (CHECKOUT / path_of(name)).is_file():
            return name
    return None


def packages(module: str) -> Iterator[str]:
    """Whatever is imported with a module: the packages that it is in, and itself."""
    steps = module.split(".")
    yield from (".".join(steps[:end]) for end in range(1, len(steps) + 1))


def imported(source: str) -> Iterator[str]:
    """All modules that a source may mean by its imports, wherever they stand in it."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(level=0, module=str(module), names=names):
                yield module
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.ImportFrom():
                pytest.fail("a relative import: this test does not follow those")
            case _:
                pass


def reached(start: str) -> set[str]:
    """Every module of ours that is imported with one, over any number of steps."""
    found: set[str] = set()
    left = [start]
    while left:
        files = {file for step in packages(left.pop()) if (file := file_of(step))}
        for file in files - found:
            left += imported((CHECKOUT / path_of(file)).read_text())
        found |= files
    return found


def test_the_pods_get_what_they_import_and_nothing_else() -> None:
    """MODULES is what the bundle imports, and what that imports."""
    assert reached(START) == set(MODULES)


def test_a_forgotten_module_is_noticed() -> None:
    """The test follows imports through packages, and through modules that only other modules import."""
    assert {"releases.__init__", "releases.unpack", "refused"} <= reached("runtime.release_cache")
    assert "runtime.release_bundle" not in reached("runtime.release_cache")


def test_the_volume_has_each_module_where_python_looks_for_it(tmp_path: Path) -> None:
    """With the folder in PYTHONPATH, every module of the ConfigMap can be found under its own name."""
    items = {item["key"]: item["path"] for item in volume()["configMap"]["items"]}
    assert items.keys() == SOURCES.keys()
    for key, path in items.items():
        file = tmp_path / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(SOURCES[key])
    for module in MODULES:
        assert (tmp_path / path_of(module)).read_text() == (CHECKOUT / path_of(module)).read_text()
