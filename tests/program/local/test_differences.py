"""The table of differences is used and complete: no row without a use, and no difference beside it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from local import differences

ROOM = Path(differences.__file__).parent
TABLE = Path(differences.__file__)
OTHERS = [path for path in ROOM.rglob("*.py") if path != TABLE]
VARIABLE = re.compile(r"(AIRFLOW|AWS|PG|ALISIO|PYTHON)_?[A-Z_]+")
"""What a variable of Airflow, boto3, libpq, our code or Python is called."""
OTHER_THINGS = {
    "ALISIO_BROKER": "a switch of the local platform, which no process of Airflow sees",
    "ALISIO_NOTHING": "for supervisor's configuration file",
    "PG_VERSION": "a file of PostgreSQL, and no variable",
    "PYTHONPATH": "of supervisor, so that it finds this package; Airflow's processes get that of the table",
}


def public_names(tree: ast.Module) -> Iterator[str]:
    """Constants, functions and classes of a module."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case _:
                pass


def names_in(tree: ast.Module) -> set[str]:
    """Every name that is read in a module, its own or another one's."""
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return found | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def test_every_row_is_used() -> None:
    """What stands in the table is what the code runs with: each name of it is read somewhere."""
    table = ast.parse(TABLE.read_text())
    used = names_in(table).union(*(names_in(ast.parse(path.read_text())) for path in OTHERS))
    names = list(public_names(table))
    assert len(names) > 15
    assert [name for name in names if name not in used] == []


def test_no_other_file_sets_a_variable_of_airflow() -> None:
    """A variable that is not the chart's is in the table, and in no other file."""
    found = {
        node.value
        for path in OTHERS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and VARIABLE.fullmatch(node.value)
    }
    assert found == set(OTHER_THINGS)


def test_no_other_file_adds_arguments() -> None:
    """Arguments that a pod does not get are in the table, and in no other file."""
    own = {argument for added in differences.ARGUMENTS.values() for argument in added if argument.startswith("--")}
    assert own
    assert [(path.name, each) for path in OTHERS for each in own if each in path.read_text()] == []
