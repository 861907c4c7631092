"""The machines of the settings as their file has them now. Taking one out takes its access away."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from runtime.access.files import MACHINES_FILE, SERVICE, AccessError, Machine, Machines, path_of, read

log = logging.getLogger(__name__)
Stamp = tuple[int, int, int]


class MachineFile:
    """Reads the file again when it has changed. While it cannot be read, no machine is known."""

    def __init__(self) -> None:
        self._stamp: Stamp | None = None
        self._machines: Machines | None = None
        self._lock = threading.Lock()

    def machines(self) -> Machines:
        """All of them."""
        with self._lock:
            stamp = _stamp(path_of(MACHINES_FILE))
            if self._machines is None or stamp != self._stamp:
                self._machines = None
                self._machines = read(Machines, MACHINES_FILE)
                self._stamp = stamp
            return self._machines

    def of(self, username: str) -> Machine | None:
        """The machine with this user name; None if it is nobody's, or if the file cannot be read."""
        try:
            return self.machines().machines.get(username.removeprefix(SERVICE))
        except AccessError as error:
            log.error("No machine is let in: %s", error)
            return None


def _stamp(path: Path) -> Stamp | None:
    # A mounted ConfigMap changes by a link that leads elsewhere, so the file's own number changes too.
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
