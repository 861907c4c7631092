"""S3 on 127.0.0.1 (moto's server), which counts what it is asked and can go away. For tests and for the benchmark."""

from __future__ import annotations

import threading
import uuid
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

REGION = "us-east-1"
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    status: int


class Emulator:
    """`with Emulator() as s3:`"""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from moto.server import DomainDispatcherApplication, create_backend_app
            from werkzeug.serving import WSGIRequestHandler, make_server

        class Quiet(WSGIRequestHandler):
            def log_request(self, code: Any = "-", size: Any = "-") -> None:
                pass

        self._application: Any = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.requests: list[Asked] = []
        self.bytes_sent = 0
        self.away = False
        """Every request gets 503, as in an outage."""

    def __enter__(self) -> Emulator:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def environment(self) -> dict[str, str]:
        """What boto3 and Airflow read, so that they ask here."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AIRFLOW_CONN_AWS_DEFAULT": "aws://",
        }

    def client(self) -> Any:
        """A client that ignores the user's own configuration."""
        import boto3

        return boto3.Session(**KEYS, region_name=REGION).client("s3", endpoint_url=self.url)

    def bucket(self) -> str:
        """A new, versioned bucket."""
        name = f"releases-{uuid.uuid4().hex[:12]}"
        s3 = self.client()
        s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        self.forget()
        return name

    def forget(self) -> None:
        """Count anew."""
        self.requests.clear()
        self.bytes_sent = 0

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def started(status: str, headers: Any, *more: Any) -> Any:
            self.requests.append(Asked(environ["REQUEST_METHOD"], environ["PATH_INFO"], int(status.split()[0])))
            return start_response(status, headers, *more)

        if self.away:
            started("503 Service Unavailable", [("Content-Length", "0")])
            return [b""]
        body = b"".join(self._application(environ, started))
        if environ["REQUEST_METHOD"] != "HEAD":
            self.bytes_sent += len(body)
        return [body]
