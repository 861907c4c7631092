"""What a kill leaves in a state that is kept in a folder: files of attributes that were begun and never written.

Beside each file the backend keeps one of attributes, `.attrs`. The state is written to another file and renamed, the
attributes are written in place. An empty one makes every command end with `failed to load checkpoint: EOF`; without the
file all is well: https://github.com/google/go-cloud/blob/master/blob/fileblob/attrs.go
"""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from settings.stack_file import PROJECT


def damaged_attributes(backend: str, stack: str) -> list[Path]:
    """Those of the stack that are no JSON. Of other backends there are none."""
    url = urlsplit(backend)
    if url.scheme != "file":
        return []
    home = Path(url.netloc + url.path).expanduser() / ".pulumi"
    files = [
        *(home / "stacks" / PROJECT).glob(f"{stack}.json*.attrs"),
        *(home / "locks" / "organization" / PROJECT / stack).glob("*.attrs"),
    ]
    return sorted(file for file in files if not _is_whole(file))


def _is_whole(file: Path) -> bool:
    try:
        json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True
