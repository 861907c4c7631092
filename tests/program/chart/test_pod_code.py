"""The pods get exactly the modules that they import: nothing is missing there, and nothing else rolls them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from chart.pod_code import (
    AUTH_MANAGER,
    CHECKOUT,
    MODULES,
    PLUGINS,
    SOURCES,
    WEBSERVER_CONFIG,
    path_of,
    pod_name,
    pod_source,
    volume,
)
from chart.queue_probe import MODULE as QUEUE_PROBE
from chart.values import RELEASE_BUNDLE
from releases.format import POD_PACKAGE

BUNDLE = RELEASE_BUNDLE.removeprefix(f"{POD_PACKAGE}.").rpartition(".")[0]
PROBE = QUEUE_PROBE.removeprefix(f"{POD_PACKAGE}.")
DOOR = (AUTH_MANAGER.rpartition(".")[0], WEBSERVER_CONFIG, f"{PLUGINS}.alisio_flower")
"""The modules that Airflow is told to import, as the repository has them."""


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
    """MODULES is what bundle, door, plugin and probe import, and what that imports."""
    assert set[str]().union(*(reached(start) for start in (BUNDLE, *DOOR, PROBE))) == set(MODULES)


def test_a_task_does_not_import_the_door() -> None:
    """The bundle, which every start of a task imports, needs nothing of the door."""
    assert not [module for module in reached(BUNDLE) if module.startswith("runtime.access")]


def test_the_probe_imports_nothing_of_airflow() -> None:
    """Its container has a tenth of the memory that Airflow takes."""
    assert reached(PROBE) == {"runtime.__init__", PROBE}
    assert not [each for each in imported((CHECKOUT / path_of(PROBE)).read_text()) if each.startswith("airflow")]


def test_a_forgotten_module_is_noticed() -> None:
    """The test follows imports through packages, and through modules that only other modules import."""
    assert {"releases.__init__", "releases.unpack", "refused"} <= reached("runtime.release_cache")
    assert "runtime.release_bundle" not in reached("runtime.release_cache")


def test_the_volume_has_each_module_where_python_looks_for_it() -> None:
    """With the folder in PYTHONPATH, every module of ours is found below one package, and no other name is taken."""
    items = {item["key"]: item["path"] for item in volume()["configMap"]["items"]}
    assert items.keys() == SOURCES.keys()
    assert {path.split("/")[0] for path in items.values()} == {POD_PACKAGE}
    assert set(items.values()) == {
        path_of(f"{POD_PACKAGE}.__init__"),
        *(path_of(pod_name(module)) for module in MODULES),
    }


def test_the_pods_source_is_the_repositorys_but_for_the_name_of_our_package() -> None:
    """In pods, our modules import each other below the one package, and nothing of ours at the top; no line moves."""
    for module in MODULES:
        source, placed = (CHECKOUT / path_of(module)).read_text(), SOURCES[f"{pod_name(module)}.py"]
        assert placed.replace(f"from {POD_PACKAGE}.", "from ") == source
        ours = {name for name in imported(placed) if file_of(name)}
        assert not ours, f"{module} imports {ours} by the name that only the repository knows"


@pytest.mark.parametrize(
    ("source", "placed"),
    [
        ("from releases.format import A\n", "from alisio_pods.releases.format import A\n"),
        ("def f():\n    from runtime import (\n  a)\n", "def f():\n    from alisio_pods.runtime import (\n  a)\n"),
        ('"""\nfrom releases import x\n"""\n', '"""\nfrom releases import x\n"""\n'),
        ("from releases_of import x\n", "from releases_of import x\n"),
    ],
)
def test_only_imports_of_ours_are_written_anew(source: str, placed: str) -> None:
    """An import of ours is changed wherever it stands; text that looks like one, and other modules, are not."""
    assert pod_source(source) == placed


def test_an_import_that_would_bind_another_name_is_refused() -> None:
    """`import releases.format` binds `releases`, which pods do not have."""
    with pytest.raises(ValueError, match="line 2"):
        pod_source("\nimport releases.format\n")
