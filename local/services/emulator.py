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

from chart.events import DEAD_LETTER_SUFFIX, DELIVERIES, OBJECT_CREATED
from local.services.bucket_files import RESTORING, Keeper, Note, client, make_bucket

READY = "/alisio/ready"
STOPPING = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, kw_only=True)
class Seeds:
    """What the program makes on AWS, and a new or restarted emulator lacks."""

    region: str
    buckets: Sequence[str]
    versioned: str
    """The bucket whose history people look at."""
    secrets: Mapping[str, str]
    watched: str
    watches: Mapping[str, str]
    """Queues by the prefix of the watched bucket whose new objects they tell of."""

    def plant(self, endpoint: str) -> None:
        s3 = client("s3", endpoint, self.region, key=RESTORING)
        for bucket in self.buckets:
            make_bucket(s3, bucket, self.region)
        s3.put_bucket_versioning(Bucket=self.versioned, VersioningConfiguration={"Status": "Enabled"})
        manager = client("secretsmanager", endpoint, self.region, key=RESTORING)
        for name, value in self.secrets.items():
            manager.create_secret(Name=name, SecretString=value)
        self._watch(s3, client("sqs", endpoint, self.region, key=RESTORING))

    def _watch(self, s3: Any, sqs: Any) -> None:
        notified: list[Any] = []
        for prefix, queue in self.watches.items():
            dead_letters = _arn(sqs, sqs.create_queue(QueueName=f"{queue}{DEAD_LETTER_SUFFIX}")["QueueUrl"])
            redrive = json.dumps({"deadLetterTargetArn": dead_letters, "maxReceiveCount": DELIVERIES})
            url = sqs.create_queue(QueueName=queue, Attributes={"RedrivePolicy": redrive})["QueueUrl"]
            rule = {"Name": "prefix", "Value": prefix}
            notified.append(
                {
                    "QueueArn": _arn(sqs, url),
                    "Events": [OBJECT_CREATED],
                    "Filter": {"Key": {"FilterRules": [rule]}},
                }
            )
        s3.put_bucket_notification_configuration(
            Bucket=self.watched, NotificationConfiguration={"QueueConfigurations": notified}
        )


def _arn(sqs: Any, url: str) -> str:
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def serve(*, port: int, directory: Path, seeds: Seeds) -> None:
    """Serve until told to stop; start with the seeds and the objects in `directory`, and write every change there."""
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    # Blocked in every thread, as threads inherit it, and waited for. A Python handler runs only between bytecodes of
    # the main thread: a signal just before that thread begins to wait for a lock is seen after the wait, so never.
    # https://docs.python.org/3/library/signal.html#execution-of-python-signal-handlers
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    endpoint = f"http://127.0.0.1:{port}"
    keeper = Keeper(endpoint=endpoint, directory=directory, region=seeds.region)
    application = _noting(DomainDispatcherApplication(create_backend_app), keeper)
    server = make_server("127.0.0.1", port, application, threaded=True)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    # Watched from now on: what was there before is no news.
    keeper.restore()
    seeds.plant(endpoint)
    keeper.start()
    keeper.complete.set()
    signal.sigwait(STOPPING)
    # The keeper fetches what it writes from the server: it finishes first.
    keeper.finish()
    server.shutdown()


def _noting(application: Any, keeper: Keeper) -> Any:
    """WSGI middleware: tells the keeper of every change that succeeded, and others when the buckets are complete.

    Before that it answers them as S3 does when it is busy, and clients ask again: not that there is no such object.
    """

    def noting(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] == READY:
            start_response("200 OK" if keeper.complete.is_set() else "503 Service Unavailable", [])
            return []
        if not keeper.complete.is_set() and f"Credential={RESTORING}/" not in environ.get("HTTP_AUTHORIZATION", ""):
            start_response("503 Slow Down", [])
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
