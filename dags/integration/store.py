"""The data bucket as the integration uses it. An object is replaced only if it is still the one that was read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from integration.landing import Landed

CHANGED = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
MISSING = frozenset({"NoSuchKey", "404"})


class ChangedError(Exception):
    """Somebody else wrote the object meanwhile. What was read of it is old."""


@dataclass(frozen=True)
class Read:
    """An object's content, and the ETag that names it."""

    data: bytes
    etag: str


class Store:
    """One bucket, by a client of boto3. Threads may share it."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3 = s3
        self.bucket = bucket

    def landed(self, prefix: str) -> Iterator[Landed]:
        for item in self._listed(prefix):
            yield Landed(key=item["Key"], etag=item["ETag"].strip('"'), size=item["Size"], at=item["LastModified"])

    def keys(self, prefix: str) -> set[str]:
        return {item["Key"] for item in self._listed(prefix)}

    def read(self, key: str, *, etag: str | None = None) -> Read | None:
        """The object; None if there is none, or, with an ETag, if it has another content by now."""
        condition = {"IfMatch": f'"{etag}"'} if etag else {}
        try:
            answer = self._s3.get_object(Bucket=self.bucket, Key=key, **condition)
        except self._s3.exceptions.ClientError as error:
            if _code(error) in MISSING | CHANGED:
                return None
            raise
        return Read(data=answer["Body"].read(), etag=answer["ETag"])

    def replace(self, key: str, data: bytes, *, before: Read | None) -> None:
        """Write the object if it still is `before`, or still missing. The same bytes are not written again."""
        if before and before.data == data:
            return
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        condition = {"IfMatch": before.etag} if before else {"IfNoneMatch": "*"}
        try:
            self._s3.put_object(Bucket=self.bucket, Key=key, Body=data, **condition)
        except self._s3.exceptions.ClientError as error:
            if _code(error) in MISSING | CHANGED:
                raise ChangedError(f"s3://{self.bucket}/{key} was changed meanwhile") from None
            raise

    def write(self, key: str, text: str) -> None:
        """Write the object, whatever is there."""
        self._s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())

    def _listed(self, prefix: str) -> Iterator[Any]:
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            yield from page.get("Contents", ())


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
