"""What the bundle asks S3 for: the pointer if it changed, an archive, and whether there is any release."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from releases.format import MAX_ARCHIVE_BYTES, ReleaseError
from releases.pointer import MAX_POINTER_BYTES, Pointer, archive_key, folder, parse_pointer, pointer_key

CHUNK = 1024 * 1024
CONNECT_SECONDS = 3
READ_SECONDS = 15
ATTEMPTS = 3


class MissingError(ReleaseError):
    """The object is not in the bucket."""


@dataclass(frozen=True)
class Found:
    """The pointer as it stands in the bucket."""

    pointer: Pointer
    etag: str


class ReleaseStore:
    """The releases below a prefix of a bucket. Costs nothing until it is asked, and most task starts never ask."""

    def __init__(self, *, bucket: str, prefix: str, aws_conn_id: str | None) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._aws_conn_id = aws_conn_id
        self.place = f"s3://{bucket}/{folder(prefix)}"

    def pointer(self, *, unless: str | None) -> Found | None:
        """The pointer, or None if its ETag is still `unless`. Always one request."""
        key = pointer_key(self._prefix)
        condition = {"IfNoneMatch": unless} if unless else {}
        with self._asking(key):
            try:
                answer = self._s3.get_object(Bucket=self._bucket, Key=key, **condition)
            except self._s3.exceptions.ClientError as error:
                if _status(error) == 304:
                    return None
                raise
            content = answer["Body"].read(MAX_POINTER_BYTES + 1)
        if len(content) > MAX_POINTER_BYTES:
            raise ReleaseError(
                f"s3://{self._bucket}/{key} is not a pointer: it has more than {MAX_POINTER_BYTES} bytes"
            )
        return Found(pointer=parse_pointer(content), etag=answer["ETag"])

    def fetch(self, release: str, target: Path) -> None:
        """Write the archive of a release to a path, as it is."""
        key = archive_key(release, self._prefix)
        with self._asking(key), target.open("wb") as file:
            answer = self._s3.get_object(Bucket=self._bucket, Key=key)
            left = MAX_ARCHIVE_BYTES
            for part in answer["Body"].iter_chunks(CHUNK):
                left -= len(part)
                if left < 0:
                    raise ReleaseError(f"s3://{self._bucket}/{key} has more than {MAX_ARCHIVE_BYTES} bytes")
                file.write(part)

    def has_releases(self) -> bool:
        """Whether any archive is there."""
        prefix = archive_key("", self._prefix).removesuffix(".tar")
        with self._asking(prefix):
            answer = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=prefix, MaxKeys=1)
        return bool(answer.get("Contents"))

    @cached_property
    def _s3(self) -> Any:
        # Imported here, as boto3 takes a third of a second. A task whose release is on disk does not need it.
        from airflow.providers.amazon.aws.hooks.s3 import S3Hook
        from botocore.config import Config

        patience: dict[str, Any] = {"mode": "standard", "total_max_attempts": ATTEMPTS}
        config = Config(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries=patience)
        return S3Hook(aws_conn_id=self._aws_conn_id, config=config).get_conn()

    @contextmanager
    def _asking(self, key: str) -> Generator[None]:
        """Turn every failure on the way to S3 into one line that names the object."""
        from botocore.exceptions import ClientError

        where = f"s3://{self._bucket}/{key}"
        try:
            yield
        except ClientError as error:
            if _status(error) == 404:
                raise MissingError(f"{where} does not exist ({error.response['Error'].get('Code')})") from None
            raise ReleaseError(f"S3 refused {where}: {error}") from None
        except (ReleaseError, OSError):
            raise
        except Exception as error:
            # It may come from botocore, urllib3, or Airflow's look-up of the connection. The last release stays.
            raise ReleaseError(f"S3 cannot be asked for {where}: {type(error).__name__}: {error}") from None


def _status(error: Any) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
