"""moto server in place of S3, SQS and Secrets Manager. It has no memory of its own; `Keeper` keeps the buckets."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chart.events import DEAD_LETTER_SUFFIX, DELIVERIES, OBJECT_CREATED, as_filter
from local.differences import SERVER_GRACE_SECONDS
from local.ports import LOOPBACK
from local.processes.process import Process, python
from local.services.bucket_files import RESTORING, Keeper, Note, client, make_bucket
from local.state import State, write_private

NAME = "emulator"
READY = "/alisio/ready"
STOPPING = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, kw_only=True)
class Seeds:
    """What the program makes on AWS. An emulator that just started lacks all of it."""

    region: str
    buckets: Sequence[str]
    versioned: str
    """The bucket whose history people look at."""
    secrets: Mapping[str, str]
    watched: str
    watches: Mapping[str, str]
    """Queues by prefix of the watched bucket. A queue gets a message about each new object below its prefix."""

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
            rule = {"Name": "prefix", "Value": as_filter(prefix)}
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


def process(seeds: Seeds, *, state: State, port: int) -> Process:
    """The emulator. Its seeds are in a file, as there are passwords among them."""
    file = state.run / "seeds.json"
    write_private(file, json.dumps(asdict(seeds)))
    command = python("local.services.emulator", port, state.buckets, file)
    return Process(name=NAME, command=command, directory=state.run, stop_seconds=SERVER_GRACE_SECONDS)


def serve(*, port: int, directory: Path, seeds: Seeds) -> None:
    """Serve until told to stop. Begin with the seeds and the objects in `directory`, and write every change there."""
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    _filter_as_s3()
    # Threads inherit this, so the signals are blocked in all of them, and `sigwait` gets them. A Python handler would
    # run only between bytecodes of the main thread: if that thread just began to wait for a lock, it would never run.
    # https://docs.python.org/3/library/signal.html#execution-of-python-signal-handlers
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    endpoint = f"http://{LOOPBACK}:{port}"
    keeper = Keeper(endpoint=endpoint, directory=directory, region=seeds.region)
    application = _noting(DomainDispatcherApplication(create_backend_app), keeper)
    server = make_server(LOOPBACK, port, application, threaded=True)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    # The seeds come after the objects: what was in the bucket before makes no message.
    keeper.restore()
    seeds.plant(endpoint)
    keeper.start()
    keeper.complete.set()
    signal.sigwait(STOPPING)
    # The keeper reads from the server what it writes, so it finishes first.
    keeper.finish()
    server.shutdown()


def _filter_as_s3() -> None:
    """S3 compares a filter with the encoded key. moto compares it with the plain one."""
    from moto.s3.models import Notification

    plain = Notification._key_matches  # pyright: ignore[reportPrivateUsage]
    Notification._key_matches = lambda self, key_name: plain(self, as_filter(key_name))  # pyright: ignore[reportPrivateUsage]


def _noting(application: Any, keeper: Keeper) -> Any:
    """WSGI middleware: tells the keeper of every change that succeeded. Serves others once the buckets are complete.

    Before that it answers as a busy S3 does, so that clients ask again. It never says that an object does not exist.
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
