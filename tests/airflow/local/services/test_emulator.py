"""The emulator keeps what it was given, and never says that something is gone that it has not read yet."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import httpx

from local.install import ROOT
from local.ports import Ports
from local.services.bucket_files import client
from local.services.emulator import READY

REGION = "eu-west-1"
MANY = 200
SPECIAL = {"year=2026/": "equals", "a+b/": "plus", "Relatórios de março/": "letters", "plain/": "plain"}
KEYS = (
    *("a", "a/b", "dags/x.py", "run_id=manual__2026-11-23T21:04:10.0+00:00/1.log", "ü/ß €.txt", "%41"),
    *("..", "../../x", ".", "a//b", "/a", "a/"),
)


def test_buckets_survive_a_restart_of_the_emulator(tmp_path: Path) -> None:
    """Objects that were put, copied, uploaded in parts or deleted are as they were, whatever their keys."""
    directory = tmp_path / "buckets"
    directory.mkdir()
    with Emulator(directory) as emulator:
        s3 = emulator.s3
        for key in KEYS:
            s3.put_object(Bucket="data", Key=key, Body=f"content of {key}".encode())
        s3.copy_object(Bucket="data", Key="copied", CopySource={"Bucket": "data", "Key": "a"})
        upload = s3.create_multipart_upload(Bucket="data", Key="parts")["UploadId"]
        part = s3.upload_part(Bucket="data", Key="parts", UploadId=upload, PartNumber=1, Body=b"in parts")
        parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
        s3.complete_multipart_upload(Bucket="data", Key="parts", UploadId=upload, MultipartUpload=parts)
        for key in ("gone", "gone too", "gone three"):
            s3.put_object(Bucket="data", Key=key, Body=b"x")
        s3.delete_object(Bucket="data", Key="gone")
        s3.delete_objects(Bucket="data", Delete={"Objects": [{"Key": "gone too"}, {"Key": "gone three"}]})
        before = content(s3)
    assert set(before) == {*KEYS, "copied", "parts"}
    assert all(path.is_relative_to(directory) for path in tmp_path.rglob("*.object"))
    with Emulator(directory) as emulator:
        assert content(emulator.s3) == before
        secrets = client("secretsmanager", emulator.endpoint, REGION)
        assert secrets.get_secret_value(SecretId="name")["SecretString"] == "value"


def test_nothing_is_said_to_be_gone_before_it_is_read(tmp_path: Path) -> None:
    """From its first answer on, a restarted emulator knows every object: whoever asks while it still reads waits."""
    directory = tmp_path / "buckets"
    directory.mkdir()
    with Emulator(directory) as emulator:
        for number in range(MANY):
            emulator.s3.put_object(Bucket="data", Key=f"{number:03}", Body=b"x")
    answers = set[str]()
    with Emulator(directory, wait=False) as emulator:
        last = {"Bucket": "data", "Key": f"{MANY - 1:03}"}
        url = emulator.s3.generate_presigned_url("head_object", Params=last)
        while answers <= {"away", "503"}:
            answers.add(asked(url))
            time.sleep(0.002)
    assert "200" in answers, answers
    assert "503" in answers


def test_a_watched_prefix_of_special_characters_is_heard(tmp_path: Path) -> None:
    """As S3 does: an encoded filter matches the keys below the prefix, and a plain one with special characters none."""
    with Emulator(fresh(tmp_path), watches=SPECIAL) as emulator:
        for prefix, queue in SPECIAL.items():
            emulator.s3.put_object(Bucket="data", Key=f"{prefix}ß €.csv", Body=b"x")
            assert heard(emulator, queue) == [f"{prefix}ß €.csv"]
        notified = emulator.s3.get_bucket_notification_configuration(Bucket="data")["QueueConfigurations"]
        (equals,) = [each for each in notified if each["QueueArn"].endswith(":equals")]
        equals["Filter"] = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "year=2026/"}]}}
        plain = {"QueueConfigurations": [equals]}
        emulator.s3.put_bucket_notification_configuration(Bucket="data", NotificationConfiguration=plain)
        emulator.s3.put_object(Bucket="data", Key="year=2026/unheard.csv", Body=b"x")
        assert heard(emulator, "equals") == []


def test_the_emulator_stops_however_often_it_is_told_to(tmp_path: Path) -> None:
    """A signal that comes while the one before is handled does not keep the emulator from ending."""
    directory = tmp_path / "buckets"
    directory.mkdir()
    with Emulator(directory) as emulator:
        emulator.s3.put_object(Bucket="data", Key="last", Body=b"x")
        for _ in range(1000):
            emulator.stop()
    assert (directory / "data" / "last.object").read_bytes() == b"x"


def asked(url: str) -> str:
    # Not with boto3, which tries again by itself and so misses the moment.
    try:
        return str(httpx.head(url).status_code)
    except httpx.HTTPError:
        return "away"


def content(s3: Any) -> dict[str, bytes]:
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket="data").get("Contents", [])]
    return {key: s3.get_object(Bucket="data", Key=key)["Body"].read() for key in keys}


def fresh(folder: Path) -> Path:
    directory = folder / "buckets"
    directory.mkdir()
    return directory


def heard(emulator: Emulator, queue: str) -> list[str]:
    """The keys of the objects that a queue has messages about."""
    sqs = client("sqs", emulator.endpoint, REGION)
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for each in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    bodies = [json.loads(each["Body"]) for each in messages]
    return [unquote_plus(each["s3"]["object"]["key"]) for body in bodies for each in body.get("Records", [])]


class Emulator:
    """`local.services.emulator` as a process."""

    def __init__(self, directory: Path, *, wait: bool = True, watches: Mapping[str, str] | None = None) -> None:
        port = Ports.free().emulator
        self.endpoint = f"http://127.0.0.1:{port}"
        seeds = directory.parent / "seeds.json"
        seeds.write_text(
            json.dumps({
                "region": REGION, "buckets": ["data"], "versioned": "data", "secrets": {"name": "value"},
                "watched": "data", "watches": dict(watches or {"landing/": "queue"}),
            })
        )  # fmt: skip
        self._command = [sys.executable, "-m", "local.services.emulator", str(port), str(directory), str(seeds)]
        self._wait = wait

    def __enter__(self) -> Emulator:
        self._process = subprocess.Popen(self._command, cwd=ROOT, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while self._wait and not self._ready():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        assert self._process.wait(30) == 0

    def stop(self) -> None:
        self._process.terminate()

    @cached_property
    def s3(self) -> Any:
        return client("s3", self.endpoint)

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.endpoint}{READY}").is_success
        except httpx.HTTPError:
            return False
