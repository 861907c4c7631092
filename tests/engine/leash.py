"""Run a program that dies with whoever started it, even when that one is killed: `python leash.py PID COMMAND ...`.

Linux sends the signal when the *thread* ends that started the process, so only threads that live as long as the
process may do so: https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import Final

PR_SET_PDEATHSIG: Final = 1


def leashed(command: list[str]) -> list[str]:
    """The command, on a leash of this process."""
    return [sys.executable, "-S", "-E", __file__, str(os.getpid()), *command]


def main() -> None:
    owner, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # The owner may have died before the call.
    if os.getppid() != owner:
        sys.exit("whoever wanted this process is gone")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
