"""The bucket of releases, for those who publish. Every write has a condition, so that nobody overwrites another."""

from __future__ import annotations

import base64
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from refused import FAILED, Refused
from releases.format import NAME, Hashes, Release, ReleaseError, hashes
from releases.pointer import MAX_POINTER_BYTES, Pointer, archive_key, folder, parse_pointer, pointer_key
from releases.unpack import read_manifest

CHANGED = (409, 412)
"""S3 answers 412 if the condition is false, and 409 during another conditional write."""


class RaceError(Exception):
    """Somebody else wrote first."""


@dataclass(frozen=True)
class Current:
    """What is stored at the pointer's key: a pointer, nothing, or something that cannot be read."""

    pointer: Pointer | None = None
    etag: str | None = None
    """The version that a write must find. None: there must be nothing."""
    problem: str | None = None
    """Why the pointer cannot be read."""


@dataclass(frozen=True)
class Archive:
    """A release in the bucket."""

    release: str
    size: int
    stored: datetime


@dataclass(frozen=True)
class Publication:
    """A release, and the time when it became current."""

    pointer: Pointer
    when: datetime


class ReleaseBucket:
    """Releases below a prefix of a bucket."""

    def __init__(self, s3: Any, bucket: str, prefix: str = "") -> None:
        self._s3 = s3
        self._bucket = bucket
        self._prefix = prefix
        self.place = f"s3://{bucket}/{folder(prefix)}"

    def current(self) -> Current:
        """The pointer as it is now."""
        with self._asking("read the pointer of"):
            try:
                answer = self._s3.get_object(Bucket=self._bucket, Key=pointer_key(self._prefix))
            except self._s3.exceptions.NoSuchKey:
                return Current()
            content = answer["Body"].read(MAX_POINTER_BYTES)
        try:
            return Current(pointer=parse_pointer(content), etag=answer["ETag"])
        except ReleaseError as error:
            return Current(etag=answer["ETag"], problem=str(error))

    def put_archive(self, release: Release) -> bool:
        """Store an archive, or return False if it was there. S3 checks the bytes against the hash in the name."""
        checksum = base64.b64encode(bytes.fromhex(release.sha256)).decode()
        with self._asking("store a release in"), release.archive.open("rb") as body:
            try:
                self._s3.put_object(
                    Bucket=self._bucket,
                    Key=archive_key(release.sha256, self._prefix),
                    Body=body,
                    ContentLength=release.size,
                    ContentType="application/x-tar",
                    ChecksumSHA256=checksum,
                    IfNoneMatch="*",
                )
            except self._s3.exceptions.ClientError as error:
                if _status(error) in CHANGED:
                    return False
                raise
        return True

    def point(self, pointer: Pointer, *, instead_of: Current) -> None:
        """Write the pointer, if nobody else changed it. Otherwise raise RaceError."""
        condition = {"IfMatch": instead_of.etag} if instead_of.etag else {"IfNoneMatch": "*"}
        with self._asking("write the pointer of"):
            try:
                self._s3.put_object(
                    Bucket=self._bucket,
                    Key=pointer_key(self._prefix),
                    Body=pointer.document().encode(),
                    ContentType="application/json",
                    CacheControl="no-cache",
                    **condition,
                )
            except self._s3.exceptions.ClientError as error:
                if _status(error) in CHANGED or (instead_of.etag and _status(error) == 404):
                    raise RaceError from None
                raise

    def archives(self) -> dict[str, Archive]:
        """Every release in the bucket, by name."""
        prefix = archive_key("", self._prefix).removesuffix(".tar")
        found: dict[str, Archive] = {}
        with self._asking("list"):
            for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                for item in page.get("Contents", []):
                    release = item["Key"].removeprefix(prefix).removesuffix(".tar")
                    if NAME.fullmatch(release) and item["Key"] == archive_key(release, self._prefix):
                        found[release] = Archive(release=release, size=item["Size"], stored=item["LastModified"])
        return found

    def publications(self, *, most: int) -> Iterator[Publication]:
        """What was published, newest first. Each publication is read when it is asked for.

        S3 keeps the versions of the pointer, so the history needs no other place.
        """
        key = pointer_key(self._prefix)
        with self._asking("read the history of"):
            pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=key)
            versions = [item for page in pages for item in page.get("Versions", []) if item["Key"] == key]
            versions.sort(key=lambda item: item["LastModified"], reverse=True)
            for version in versions[:most]:
                answer = self._s3.get_object(Bucket=self._bucket, Key=key, VersionId=version["VersionId"])
                try:
                    pointer = parse_pointer(answer["Body"].read(MAX_POINTER_BYTES))
                except ReleaseError:
                    continue
                yield Publication(pointer=pointer, when=version["LastModified"])

    def files(self, release: str) -> Hashes:
        """The files of a release. Only the beginning of its archive is downloaded."""
        with self._asking(f"read release {release} in"):
            try:
                body = self._s3.get_object(Bucket=self._bucket, Key=archive_key(release, self._prefix))["Body"]
            except self._s3.exceptions.NoSuchKey:
                raise Refused(f"release {release} is not in {self.place}: it was pruned, or never there") from None
            try:
                return hashes(read_manifest(body))
            finally:
                body.close()

    def remove(self, release: str) -> None:
        """Delete an archive. The bucket keeps it as an old version for a while."""
        with self._asking(f"delete release {release} from"):
            self._s3.delete_object(Bucket=self._bucket, Key=archive_key(release, self._prefix))

    @contextmanager
    def _asking(self, what: str) -> Generator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (ClientError, BotoCoreError) as error:
            raise Refused(f"could not {what} {self.place}: {error}", status=FAILED) from None


def _status(error: Any) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
