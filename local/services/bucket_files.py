"""The emulator's buckets on disk. So a second start finds the DAGs, logs and data of the first."""

from __future__ import annotations

import contextlib
import queue
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from local.differences import FAKE_KEY

RESTORING = "restoring"
"""The access key of requests that fill the emulator before it serves others."""
CHANGES = ("PUT", "POST", "DELETE")
FINISH_SECONDS = 10
SUFFIX = ".object"
"""Added to each file's name. S3 can hold `a` beside `a/b`, but a file system cannot."""


@dataclass(frozen=True)
class Note:
    """One object changed. Without a key: anything in the bucket may have changed."""

    bucket: str
    key: str | None

    @staticmethod
    def of(environ: dict[str, Any]) -> Note | None:
        """The note of a request to S3. None where it changes nothing, or is for another service."""
        target = environ.get("HTTP_X_AMZ_TARGET")
        signed_for_s3 = "/s3/aws4_request" in environ.get("HTTP_AUTHORIZATION", "")
        if environ["REQUEST_METHOD"] not in CHANGES or target or not signed_for_s3:
            return None
        bucket, _, key = environ["PATH_INFO"].lstrip("/").partition("/")
        if not bucket:
            return None
        # A POST completes an upload in parts, or deletes many. Only its body says which, so look at the whole bucket.
        single = environ["REQUEST_METHOD"] != "POST" and key
        return Note(bucket=bucket, key=key.encode("latin-1").decode("utf-8") if single else None)


class Keeper:
    """Writes each object to a file a moment after it changed, and back into the emulator at the next start."""

    def __init__(self, *, endpoint: str, directory: Path, region: str) -> None:
        self._directory = directory
        self._notes: queue.SimpleQueue[Note | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._s3: Any = client("s3", endpoint, region, key=RESTORING)
        self._region = region
        self.complete = threading.Event()
        """The emulator has every object of the directory."""

    def note(self, note: Note) -> None:
        if self.complete.is_set():
            self._notes.put(note)

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        """Write what was noted so far. The emulator must still serve while it does."""
        self._notes.put(None)
        self._thread.join(timeout=FINISH_SECONDS)

    def restore(self) -> None:
        """Put every file back as an object."""
        for bucket in sorted(path for path in self._directory.iterdir() if path.is_dir()):
            make_bucket(self._s3, bucket.name, self._region)
            for file in sorted(bucket.rglob(f"*{SUFFIX}")):
                self._s3.put_object(Bucket=bucket.name, Key=_key(file.relative_to(bucket)), Body=file.read_bytes())

    def _keep(self) -> None:
        while (note := self._notes.get()) is not None:
            with contextlib.suppress(ClientError, OSError):
                self._write(note.bucket, note.key) if note.key else self._write_all(note.bucket)

    def _write(self, bucket: str, key: str) -> None:
        file = self._file(bucket, key)
        try:
            body = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError:
            file.unlink(missing_ok=True)
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(file.name + ".making")
        unfinished.write_bytes(body)
        unfinished.rename(file)

    def _write_all(self, bucket: str) -> None:
        root = self._directory / bucket
        try:
            keys = set(self._keys(bucket))
        except ClientError:
            shutil.rmtree(root, ignore_errors=True)
            return
        root.mkdir(exist_ok=True)
        for file in [path for path in root.rglob(f"*{SUFFIX}") if _key(path.relative_to(root)) not in keys]:
            file.unlink()
        for key in keys:
            if not self._file(bucket, key).exists():
                self._write(bucket, key)

    def _keys(self, bucket: str) -> Iterator[str]:
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            yield from (item["Key"] for item in page.get("Contents", []))

    def _file(self, bucket: str, key: str) -> Path:
        # Quoted part by part, dots and slashes too. So no key leads out of the directory, or hides another one.
        parts = [quote(part, safe="=:+ @,()") for part in key.split("/")]
        parts = [f"{part.replace('.', '%2E') if set(part) <= {'.'} else part}" or "%" for part in parts]
        return self._directory.joinpath(bucket, *parts[:-1], parts[-1] + SUFFIX)


def _key(file: Path) -> str:
    parts = [*file.parts[:-1], file.name.removesuffix(SUFFIX)]
    return "/".join("" if part == "%" else unquote(part) for part in parts)


def make_bucket(s3: Any, name: str, region: str) -> None:
    """A bucket in this region, if it is not there yet."""
    # A bucket and its queue must be in one region, in the emulator too. S3 refuses the name us-east-1 here.
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=name, **where)


def client(service: str, endpoint: str, region: str = "us-east-1", *, key: str = FAKE_KEY) -> Any:
    """A client of the emulator for any service."""
    return boto3.Session(key, key, region_name=region).client(
        service, endpoint_url=endpoint, config=Config(retries={"max_attempts": 2}, connect_timeout=3, read_timeout=20)
    )
