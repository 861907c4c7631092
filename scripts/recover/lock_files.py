"""Where locks are kept: as files in a folder or an S3 bucket, or at Pulumi Cloud.

`.pulumi/locks/<organization>/<project>/<stack>/<uuid>.json`:
https://github.com/pulumi/pulumi/blob/master/pkg/backend/diy/lock.go
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from refused import FAILED, Refused
from scripts.recover.locks import Lock
from scripts.recover.pulumi import Pulumi
from settings.stack_file import PROJECT

FOLDER: Final = ".pulumi/locks"
# The options of the URL, and the AWS CLI's: https://gocloud.dev/howto/blob/#s3
S3_OPTIONS: Final = {"region": "--region", "profile": "--profile", "endpoint": "--endpoint-url"}


class LockError(Refused):
    """Locks cannot be read; the text says why."""


def read_locks(pulumi: Pulumi) -> list[Lock]:
    """The locks of a stack: none, one, or several of which at most one has a living owner."""
    url = urlsplit(pulumi.backend())
    where = f"{FOLDER}/organization/{PROJECT}/{pulumi.stack}/"
    match url.scheme:
        case "file":
            texts = _in_folder(Path(url.netloc + url.path).expanduser() / where)
        case "s3":
            texts = _in_bucket(url, where)
        case "http" | "https":
            return [Lock()] if pulumi.is_updating() else []
        case _:
            # Google's and Azure's are not read: Pulumi itself says so when the stack is locked.
            return []
    return [Lock.parse(json.loads(text)) for text in texts]


def _in_folder(folder: Path) -> Iterator[str]:
    # A folder has a file of attributes, `.attrs`, beside each one.
    for file in sorted(folder.glob("*.json")):
        yield file.read_text(encoding="utf-8")


def _in_bucket(url: SplitResult, where: str) -> Iterator[str]:
    options = parse_qs(url.query)
    flags = [word for name, flag in S3_OPTIONS.items() if name in options for word in (flag, options[name][0])]
    prefix = f"{url.path.strip('/')}/{where}".lstrip("/")
    listed = _aws("s3api", "list-objects-v2", "--bucket", url.netloc, "--prefix", prefix, "--output", "json", *flags)
    answer: dict[str, Any] = json.loads(listed) if listed.strip() else {}
    found: list[dict[str, Any]] = answer.get("Contents") or []
    for each in found:
        yield _aws("s3", "cp", f"s3://{url.netloc}/{each['Key']}", "-", *flags)


def _aws(*words: str) -> str:
    done = subprocess.run(["aws", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LockError(f"`aws {' '.join(words[:2])}` failed: {done.stderr.strip()}", status=FAILED)
    return done.stdout
