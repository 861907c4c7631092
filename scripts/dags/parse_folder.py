"""Runs in Airflow's interpreter: the dag-processor itself parses a folder once, and the result is written as JSON.

python -P -s parse_folder.py FOLDER VARIABLES ANSWER

VARIABLES is JSON: of the pod's environment, what would lead this Airflow to servers that it cannot reach. DAGs see it.

Nothing here parses, serialises or judges a DAG: Airflow's `DagFileProcessorManager` does, with a process for each file
and a database of its own. This file only looks on, and sees to it that the database and the imports are no more lenient
than those of the platform.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import sysconfig
from collections import defaultdict
from pathlib import Path
from typing import Any

BUNDLE = "dags"


def main(folder: Path, variables: Path, answer: Path) -> None:
    own_places = forget_other_places(folder)
    make_database()
    judge_imports(own_places, json.loads(variables.read_text()))
    manager = watching_manager()(max_runs=1)
    try:
        manager.run()
    finally:
        manager.terminate()
        manager.end()
    answer.write_text(json.dumps(manager.answer(), default=sorted))


# Imports


def forget_other_places(folder: Path) -> tuple[Path, ...]:
    """Leave only what a pod has to the search for modules: this Python, PYTHONPATH, the DAGs. Return these places.

    A line in a `.pth` file, or an editable installation, adds folders that are on this machine only.
    """
    roots = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, *sysconfig.get_paths().values()}
    given = [place for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place]
    places = tuple({Path(place).resolve() for place in (*roots, *given, os.environ["AIRFLOW_HOME"], folder)})
    sys.path[:] = [place for place in sys.path if place and within(place, places)]
    sys.meta_path[:] = [finder for finder in sys.meta_path if not is_editable(finder)]
    return places


def within(path: str, places: tuple[Path, ...]) -> bool:
    found = Path(path).resolve()
    return any(found.is_relative_to(place) for place in places)


def is_editable(finder: Any) -> bool:
    """Whether it is one that setuptools, hatch and others install for a package that lies elsewhere."""
    module = getattr(finder, "__module__", "") or type(finder).__module__
    return "editable" in module


def judge_imports(places: tuple[Path, ...], variables: dict[str, str]) -> None:
    """Let the process that parses a file refuse what the file imported from elsewhere, by whatever trick."""
    from airflow.dag_processing import processor

    real = processor._parse_file
    before = set(sys.modules)

    def parse_file(msg: Any, log: Any) -> Any:
        for name in variables.keys() - os.environ.keys():
            os.environ[name] = variables[name]
        result = real(msg, log)
        foreign = foreign_modules(set(sys.modules) - before, places)
        if result is not None and foreign:
            file = str(Path(msg.file).relative_to(msg.bundle_path))
            text = f"imports {'; '.join(foreign)}: a pod does not have that"
            result.import_errors = {file: text, **(result.import_errors or {})}
        return result

    processor._parse_file = parse_file


def foreign_modules(names: set[str], places: tuple[Path, ...]) -> list[str]:
    files = {name: getattr(sys.modules.get(name), "__file__", None) for name in sorted(names)}
    return [f"{name} from {file}" for name, file in files.items() if file and not within(file, places)]


# Database


def make_database() -> None:
    """An empty database of Airflow's, with its pool, and tables that refuse what PostgreSQL would."""
    from airflow import settings
    from airflow.models.base import Base
    from airflow.utils.db import add_default_pool_if_not_exists, import_all_models
    from sqlalchemy import event

    # Nobody needs it tomorrow.
    event.listen(settings.get_engine(), "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    import_all_models()
    tables: Any = Base
    limit_lengths(tables.metadata)
    tables.metadata.create_all(settings.get_engine())
    add_default_pool_if_not_exists()
    make_roles()


def limit_lengths(metadata: Any) -> None:
    """SQLite takes a text of any length into a column of 250 characters, and PostgreSQL does not."""
    from sqlalchemy import CheckConstraint, String, Text, func
    from sqlalchemy.sql.elements import conv

    for table in metadata.tables.values():
        for column in table.columns:
            kind = column.type
            if isinstance(kind, String) and not isinstance(kind, Text) and kind.length:
                name = f"{table.name}.{column.name} holds at most {kind.length} characters"
                table.append_constraint(CheckConstraint(func.length(column) <= kind.length, name=conv(name)))


def make_roles() -> None:
    """Tables and roles of FAB's auth manager, if that is the platform's. `access_control` of a DAG names roles."""
    from airflow.configuration import conf

    if "FabAuthManager" not in conf.get("core", "auth_manager"):
        return
    from airflow import settings
    from airflow.providers.fab.auth_manager.models import Model

    Model.metadata.create_all(settings.get_engine())


def accept_role(name: str) -> bool:
    """Make a role, so that a DAG may name it. False if it is one that every platform has."""
    from airflow.providers.fab.auth_manager.models import Role
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        if session.scalar(select(Role).where(Role.name == name)) is None:
            session.add(Role(name=name))
    return name not in ("Admin", "Op", "User", "Viewer", "Public")


# The dag-processor


def watching_manager() -> type[Any]:
    """Airflow's manager of the dag-processor, which notes what the real one tells to its log alone."""
    from airflow.dag_processing.manager import DagFileProcessorManager
    from airflow.serialization.serialized_objects import DagSerialization

    class WatchingManager(DagFileProcessorManager):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.errors: dict[str, list[str]] = defaultdict(list)
            self.notes: list[str] = []
            self.dags: dict[str, set[str]] = defaultdict(set)

        def _kill_timed_out_processors(self) -> None:
            running = dict(self._processors)
            super()._kill_timed_out_processors()
            for file in running.keys() - self._processors.keys():
                self.errors[str(file.rel_path)].append(f"DagFileProcessorTimeout after {self.processor_timeout}s")

        def handle_parsing_result(self, file: Any, proc: Any, **options: Any) -> None:
            if proc.parsing_result is None:
                ending = f"the process that imported it ended with exit status {proc._exit_code}"
                self.errors[str(file.rel_path)].append(ending)
            with contextlib.suppress(Exception):
                # It is noted already. The platform's dag-processor ends here, if the database refuses a DAG.
                super().handle_parsing_result(file, proc, **options)

        def persist_parsing_result(self, **parsed: Any) -> None:
            file = parsed["relative_fileloc"]
            try:
                self._note(file, parsed["parsing_result"])
                super().persist_parsing_result(**parsed)
            except Exception as error:
                self.errors[file].append(f"{type(error).__name__}: {error}")
                raise

        def _note(self, file: str, parsed: Any) -> None:
            for path, text in (parsed.import_errors or {}).items():
                self.errors[path].append(text)
            for dag in parsed.serialized_dags:
                self.dags[dag.dag_id].add(file)
                for role in dag.access_control or {}:
                    if accept_role(role):
                        note = f"DAG {dag.dag_id} gives rights to the role {role!r}, which must exist"
                        self.notes.append(f"{file}: {note}")
                # As the scheduler reads it.
                DagSerialization.from_dict(dag.data)
            self.notes += [f"{file}: {warning['message']}" for warning in parsed.warnings or []]

        def answer(self) -> dict[str, Any]:
            from airflow.models.errors import ParseImportError
            from airflow.utils.session import create_session
            from sqlalchemy import select

            with create_session() as session:
                # Those of the parser, which are known, and those of writing what was parsed.
                for error in session.scalars(select(ParseImportError)):
                    file, text = str(error.filename), str(error.stacktrace)
                    if text not in self.errors[file]:
                        self.errors[file].append(text)
            for dag_id, files in self.dags.items():
                if len(files) > 1:
                    first, *others = sorted(files)
                    text = f"DAG {dag_id!r} is in {', '.join(others)} too: Airflow would show the one that it read last"
                    self.errors[first].append(text)
            errors = {path: texts for path, texts in self.errors.items() if texts}
            return {"dags": self.dags, "errors": errors, "notes": self.notes}

    return WatchingManager


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
