"""One process of the benchmark: loads DAGs through one bundle. Told what to do on its input, it answers with seconds.

python -m bench.dags_load release|s3|local BUCKET FOLDER
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

TASKS = 5


def main(kind: str, bucket: str, folder: str) -> None:
    sys.path.insert(0, ".")
    # Before the clock: both need it, and what is measured is the bundle.
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    S3Hook(aws_conn_id="aws_default").get_conn()
    bundle: Any = None
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        repeated = 1
        match line.strip():
            case "first":
                bundle = made(kind, bucket, folder)
                bundle.initialize()
            case "refresh":
                bundle.refresh()
            case _:
                repeated = TASKS
                release = bundle.get_current_version()
                for _ in range(TASKS):
                    made(kind, bucket, folder, version=release.version if release else None).initialize()
        seconds = (time.perf_counter() - start) / repeated
        print(f"{seconds} {sum(1 for _ in Path(bundle.path).rglob('*.py'))}", flush=True)


def made(kind: str, bucket: str, folder: str, *, version: str | None = None) -> Any:
    """A bundle as a process makes it that starts."""
    match kind:
        case "release":
            from runtime.release_bundle import ReleaseDagBundle

            return ReleaseDagBundle(name="dags", bucket_name=bucket, version=version)
        case "s3":
            from airflow.providers.amazon.aws.bundles.s3 import S3DagBundle

            return S3DagBundle(name="dags", bucket_name=bucket, prefix="dags/")
        case _:
            from airflow.dag_processing.bundles.local import LocalDagBundle

            return LocalDagBundle(name="dags", path=folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
