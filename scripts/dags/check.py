"""Tries the DAGs of a release before they are published, as the stack's dag-processor will take them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chart import pod_code
from refused import FAILED, Refused
from releases.format import Release
from releases.unpack import unpack
from scripts.dags.stack import CHECKOUT

PARSER = Path(__file__).with_name("parse_folder.py")
INTERPRETER = CHECKOUT / ".venv-airflow" / "bin" / "python"
TIMEOUT_SECONDS = 1800
LONGEST = 400
"""Characters of a message. Some exceptions carry a whole document."""
FERNET_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
"""A key of the right form. The trial encrypts nothing."""
LOCAL_SECTIONS = tuple(f"AIRFLOW__{section}__" for section in ("DATABASE", "LOGGING", "METRICS", "TRACES", "SENTRY"))
"""About servers and folders that the trial has not. They judge no DAG. A DAG sees the variables, Airflow does not."""
FROM_SHELL = ("AIRFLOW_VAR_", "AIRFLOW_CONN_")
"""What stands in for the stack's variables and connections, which a pod reads from Secrets Manager."""
SETTING = "alisio:airflow: {{ config: {{ {section}: {{ {key}: ... }} }} }}"


@dataclass(frozen=True)
class Trial:
    """With what DAGs are tried."""

    python: Path
    """A Python with the packages of the platform's image."""
    pod: Mapping[str, str]
    """The environment of the dag-processor's pod."""


@dataclass(frozen=True)
class Parsed:
    """What Airflow found."""

    dags: list[str]
    errors: list[str]
    """`file:line: what is wrong`: all for which Airflow would not show a DAG, or not as its author has it."""
    notes: list[str]
    """What the dag-processor takes, and yet somebody should know."""


def interpreter(named: Path | None) -> Path:
    """The Python that has Airflow and its providers."""
    chosen = named or INTERPRETER
    if os.access(chosen, os.X_OK):
        return chosen
    raise Refused(
        f"{chosen} is not a Python that can be run, so the DAGs cannot be tried. `make local` installs Airflow into "
        ".venv-airflow. Or name a Python with the platform's packages: --python. Or publish untried: --no-check"
    )


def parse(release: Release, trial: Trial) -> Parsed:
    """Parse the files in the archive, and not the folder: what is tried must be what is published."""
    with tempfile.TemporaryDirectory(prefix="alisio-dags-") as scratch:
        place = Path(scratch).resolve()
        folder, variables, answer = place / "dags", place / "variables.json", place / "answer.json"
        folder.mkdir()
        unpack(release.archive, folder)
        pod_code.place(place / "python")
        unheeded = {name: value for name, value in trial.pod.items() if name.startswith(LOCAL_SECTIONS)}
        variables.write_text(json.dumps(unheeded))
        # -P and -s: no module from the parser's own folder, the working directory, or the user's own packages.
        command = [str(trial.python), "-P", "-s", str(PARSER), str(folder), str(variables), str(answer)]
        try:
            run = subprocess.run(
                command,
                env=environment(trial, place),
                cwd=place,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=TIMEOUT_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise Refused(f"the DAGs took more than {TIMEOUT_SECONDS} s to import", status=FAILED) from None
        if not answer.exists():
            last = (run.stderr.strip() or run.stdout.strip() or "no output").splitlines()[-1]
            raise Refused(f"{trial.python} could not try the DAGs (exit {run.returncode}): {last}", status=FAILED)
        found: dict[str, Any] = json.loads(answer.read_text())
    errors = [explain(path, text, folder) for path, texts in sorted(found["errors"].items()) for text in texts]
    notes = [" ".join(note.split())[:LONGEST] for note in found["notes"]]
    return Parsed(dags=sorted(found["dags"]), errors=errors, notes=sorted(notes))


def environment(trial: Trial, place: Path) -> dict[str, str]:
    """The pod's variables and no others of this machine, but for what must be of this machine."""
    bundles = [{"name": "dags", "classpath": LOCAL_BUNDLE, "kwargs": {"path": str(place / "dags")}}]
    return {
        **{name: value for name, value in os.environ.items() if name in ("LD_LIBRARY_PATH", "TMPDIR")},
        **{name: value for name, value in trial.pod.items() if not name.startswith(LOCAL_SECTIONS)},
        **{name: value for name, value in os.environ.items() if name.startswith(FROM_SHELL)},
        # The image's.
        "AIRFLOW_HOME": str(place / "home"),
        "HOME": str(place / "home"),
        "LANG": "C.UTF-8",
        "PATH": os.pathsep.join([str(trial.python.parent), "/usr/local/bin", "/usr/bin", "/bin"]),
        "TZ": "UTC",
        # The pod's, on this disk.
        "PYTHONPATH": str(place / "python"),
        "PYTHONPYCACHEPREFIX": str(place / "pycache"),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(bundles),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(place / "bundles"),
        # Two frames are Airflow's default. They may all be of a library.
        "AIRFLOW__CORE__DAGBAG_IMPORT_ERROR_TRACEBACK_DEPTH": "100",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(place / "logs"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(place / "logs"),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        # In place of what stands in Secrets. The trial's identity may read no secret, and has no use for a broker.
        "AIRFLOW__CORE__FERNET_KEY": FERNET_KEY,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{place}/airflow.db",
        "AIRFLOW_CONN_AIRFLOW_DB": f"sqlite:///{place}/airflow.db",
        "AIRFLOW__SECRETS__BACKEND": "",
    }


LOCAL_BUNDLE = "airflow.dag_processing.bundles.local.LocalDagBundle"


def explain(path: str, text: str, folder: Path) -> str:
    """An error in one line: the innermost place in the release's own files, and the message."""
    lines = [line for line in text.splitlines() if line.strip()] or ["unknown error"]
    last_frame = max((at for at, line in enumerate(lines) if line.startswith('  File "')), default=-1)
    frames, rest = lines[: last_frame + 1], lines[last_frame + 1 :]
    # The lines of a frame are indented, those of its exception are not, but for more lines of a message.
    begin = next((at for at, line in enumerate(rest) if line[:1].strip()), 0)
    message = " ".join(" ".join(rest[begin:] or lines[-1:]).split()).replace(f"{folder}/", "")
    places = re.findall(rf'File "{re.escape(str(folder))}/([^"]+)", line (\d+)', "\n".join(frames))
    where, line = places[-1] if places else (path, "")
    through = f" (imported by {path})" if where != path else ""
    return f"{':'.join(filter(None, (where, line)))}: {told(message)}{through}"


def told(message: str) -> str:
    """A message, in the platform's words where Airflow's or SQLAlchemy's lead nowhere."""
    if stopped := re.search(r"DagBag import timeout for .+? after ([\d.]+)s", message):
        setting = SETTING.format(section="core", key="dagbag_import_timeout")
        return f"took more than {stopped[1]} s to import, and was stopped here; the limit is {setting}"
    if killed := re.search(r"DagFileProcessorTimeout after ([\d.]+)s", message):
        setting = SETTING.format(section="dag_processor", key="dag_file_processor_timeout")
        return f"took more than {killed[1]} s to parse, and its process was killed; the limit is {setting}"
    if length := re.search(r"CHECK constraint failed: (\S+ holds at most \d+ characters)", message):
        return f"{length[1]}: the database refuses the DAG, and the dag-processor ends each time"
    return message if len(message) <= LONGEST else f"{message[:LONGEST]} ..."
