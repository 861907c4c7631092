"""moto server in place of S3, SQS and Secrets Manager, on 127.0.0.1. It keeps nothing; `Keeper` keeps the buckets."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.bucket_files import Keeper, Note, client

READY = "/alisio/ready"


@dataclass(frozen=True, kw_only=True)
class Seeds:
    """What the program makes on AWS, and a new or restarted emulator lacks."""

    region: str
    buckets: Sequence[str]
    secrets: Mapping[str, str]

    def plant(self, endpoint: str) -> None:
        s3 = client("s3", endpoint)
        for bucket in self.buckets:
            s3.create_bucket(Bucket=bucket)
        manager = client("secretsmanager", endpoint, self.region)
        for name, value in self.secrets.items():
            manager.create_secret(Name=name, SecretString=value)


def serve(*, port: int, directory: Path, seeds: Seeds) -> None:
    """Serve until told to stop; start with the seeds and the objects in `directory`, and write every change there."""
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    endpoint = f"http://127.0.0.1:{port}"
    keeper = Keeper(endpoint=endpoint, directory=directory)
    application = _noting(DomainDispatcherApplication(create_backend_app), keeper)
    server = make_server("127.0.0.1", port, application, threaded=True)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    seeds.plant(endpoint)
    keeper.restore()
    keeper.start()

    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    stopping.wait()
    # The keeper fetches what it writes from the server: it finishes first.
    keeper.finish()
    server.shutdown()


def _noting(application: Any, keeper: Keeper) -> Any:
    """WSGI middleware: tells the keeper of every change that succeeded, and others when the buckets are complete."""

    def noting(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] == READY:
            start_response("200 OK" if keeper.complete.is_set() else "503 Service Unavailable", [])
            return []
        note = Note.of(environ)
        if note is None:
            return application(environ, start_response)

        def started(status: str, headers: Any, *more: Any) -> Any:
            if status.startswith("2"):
                keeper.note(note)
            return start_response(status, headers, *more)

        return application(environ, started)

    return noting


if __name__ == "__main__":
    serve(port=int(sys.argv[1]), directory=Path(sys.argv[2]), seeds=Seeds(**json.loads(Path(sys.argv[3]).read_text())))
