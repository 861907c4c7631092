"""Checks that the DAGs of a release import. Airflow itself tries it, in a separate process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refused import FAILED, Refused
from releases.format import Release
from releases.unpack import unpack
from scripts.dags.stack import CHECKOUT

PARSER = Path(__file__).with_name("parse_folder.py")
INTERPRETER = CHECKOUT / ".venv-airflow" / "bin" / "python"
TIMEOUT_SECONDS = 1800


@dataclass(frozen=True)
class Parsed:
    """What Airflow found."""

    dags: list[str]
    errors: list[str]
    """`file:line: what is wrong`, one for each file."""


def interpreter(named: Path | None) -> Path:
    """The Python that has Airflow and its providers."""
    chosen = named or INTERPRETER
    if os.access(chosen, os.X_OK):
        return chosen
    raise Refused(
        f"{chosen} is not a Python that can be run, so the DAGs cannot be tried. `make local` installs Airflow into "
        ".venv-airflow. Or name a Python with the platform's packages: --python. Or publish untried: --no-check"
    )


def parse(release: Release, python: Path) -> Parsed:
    """Parse the files in the archive, and not the folder: what is tried must be what is published."""
    with tempfile.TemporaryDirectory(prefix="alisio-dags-") as scratch:
        folder, home, answer = Path(scratch, "dags"), Path(scratch, "home"), Path(scratch, "answer.json")
        folder.mkdir()
        unpack(release.archive, folder)
        command = [str(python), str(PARSER), str(folder), str(answer)]
        try:
            run = subprocess.run(
                command, env=_environment(home), cwd=scratch, capture_output=True, text=True, timeout=TIMEOUT_SECONDS
            )
        except subprocess.TimeoutExpired:
            raise Refused(f"the DAGs took more than {TIMEOUT_SECONDS} s to import", status=FAILED) from None
        if not answer.exists():
            last = (run.stderr.strip() or run.stdout.strip() or "no output").splitlines()[-1]
            raise Refused(f"{python} could not try the DAGs (exit {run.returncode}): {last}", status=FAILED)
        found: dict[str, Any] = json.loads(answer.read_text())
    errors = [explain(path, text, folder) for path, text in sorted(found["errors"].items())]
    return Parsed(dags=sorted(found["dags"]), errors=errors)


def explain(path: str, text: str, folder: Path) -> str:
    """An import error in one line: the innermost place in the release's own files, and the message."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    message = lines[-1].strip() if lines else "unknown error"
    places = re.findall(rf'File "{re.escape(str(folder))}/([^"]+)", line (\d+)', text)
    where, line = places[-1] if places else (path, "1")
    through = f" (imported by {path})" if where != path else ""
    return f"{where}:{line}: {message}{through}"


def _environment(home: Path) -> dict[str, str]:
    """The user's environment, which DAGs may need, but with an empty Airflow."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_")}
    given = {name: value for name, value in os.environ.items() if name.startswith(("AIRFLOW_VAR_", "AIRFLOW_CONN_"))}
    return {
        **own,
        **given,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
