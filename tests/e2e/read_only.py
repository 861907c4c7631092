"""Runs a program like one in a pod with a read-only root file system: it may write where the pod has a volume, no more.

    unshare --mount python read_only.py SPEC COMMAND...

SPEC is JSON: `empty` are folders that begin empty and may be written to, as an `emptyDir` is; `visible` are those that
must be seen although an empty one lies over them. Linux, as root.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from pathlib import Path

RDONLY, REMOUNT, BIND, REC, PRIVATE = 1, 32, 4096, 16384, 1 << 18
"""Flags of mount(2)."""
KERNEL = ("/proc", "/sys", "/dev")
"""A container gets its own of these, whatever its root is. Python's semaphores are files in /dev/shm."""
libc = ctypes.CDLL(None, use_errno=True)


def mount(source: str, target: str, *, kind: str = "none", flags: int = 0) -> None:
    if libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), None):
        number = ctypes.get_errno()
        raise OSError(number, f"mount: {os.strerror(number)}", target)


def confine(*, empty: list[str], visible: list[str]) -> None:
    """Make everything read-only but what is named, for this process and its children."""
    mount("none", "/", flags=REC | PRIVATE)
    kept = {path: os.open(path, os.O_PATH) for path in visible}
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()]
    for point in points:
        if not point.startswith(KERNEL):
            mount("none", point, flags=REMOUNT | BIND | RDONLY)
    below = [path for path in empty if any(Path(path).is_relative_to(each) for each in visible)]
    for path in [each for each in empty if each not in below]:
        mount("tmpfs", path, kind="tmpfs")
    for path, handle in kept.items():
        Path(path).mkdir(parents=True, exist_ok=True)
        mount(f"/proc/self/fd/{handle}", path, flags=BIND | REC)
        mount("none", path, flags=REMOUNT | BIND | RDONLY)
        os.close(handle)
    for path in below:
        mount("tmpfs", path, kind="tmpfs")


if __name__ == "__main__":
    confine(**json.loads(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
