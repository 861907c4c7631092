"""Runs in Airflow's interpreter: parses a folder as the dag-processor does, and writes the result as JSON.

python parse_folder.py FOLDER ANSWER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main(folder: Path, answer: Path) -> None:
    # Python puts the folder of this file first. Imports of the DAGs must not find anything in it.
    sys.path.pop(0)
    from airflow.dag_processing.dagbag import BundleDagBag

    bag: Any = BundleDagBag(dag_folder=folder, bundle_path=folder, bundle_name="dags", load_op_links=False)
    errors = {relative(path, folder): str(text) for path, text in bag.import_errors.items()}
    answer.write_text(json.dumps({"dags": list(bag.dags), "errors": errors}))


def relative(path: str, folder: Path) -> str:
    """A path below the folder. Airflow reports some paths as absolute ones."""
    return str(Path(path).relative_to(folder)) if Path(path).is_absolute() else path


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
