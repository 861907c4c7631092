"""The lock of a stack: who holds it, and whether that process is still there."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Final, final

import psutil

# A process begins before it takes the lock. Clocks of processes count in hundredths of a second.
TOLERANCE: Final = timedelta(seconds=2)


class Owner(Enum):
    """What is known of a lock's owner."""

    ALIVE = "is at work"
    GONE = "is gone"
    ELSEWHERE = "cannot be seen from here"


@final
@dataclass(frozen=True, kw_only=True)
class Lock:
    """Who locked a stack, as the lock says it; Pulumi Cloud does not say it, and then all is empty."""

    pid: int = 0
    username: str = ""
    hostname: str = ""
    since: datetime | None = None

    def __str__(self) -> str:
        if not self.hostname:
            return "an update that Pulumi Cloud takes for running"
        since = f", since {self.since:%Y-%m-%d %H:%M} UTC" if self.since else ""
        return f"{self.username}@{self.hostname} (process {self.pid}{since})"

    @classmethod
    def parse(cls, content: dict[str, Any]) -> Lock:
        """As in https://github.com/pulumi/pulumi/blob/master/pkg/backend/diy/lock.go (lockContent)."""
        return cls(
            pid=int(content["pid"]),
            username=str(content["username"]),
            hostname=str(content["hostname"]),
            since=datetime.fromisoformat(str(content["timestamp"])).astimezone(UTC),
        )


def start_of(pid: int) -> datetime | None:
    """When a process of this machine began; None where there is none, or only its zombie."""
    try:
        process: Any = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return datetime.fromtimestamp(process.create_time(), UTC)
    except psutil.NoSuchProcess:
        return None


def owner_of(lock: Lock, *, here: str = "", start: Callable[[int], datetime | None] = start_of) -> Owner:
    """Look for the owner's process. One that began after the lock was taken has only its number in common."""
    if lock.hostname != (here or socket.gethostname()) or lock.since is None:
        return Owner.ELSEWHERE
    began = start(lock.pid)
    return Owner.GONE if began is None or began > lock.since + TOLERANCE else Owner.ALIVE
