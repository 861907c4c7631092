"""Run a program that dies with whoever started it, even when that one is killed.

`python leash.py PID USER COMMAND ...`; USER may be empty.

Linux sends the signal when the *thread* ends that started the process, so only threads that live as long as the
process may do so: https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import sys
from typing import Final

PR_SET_PDEATHSIG: Final = 1


def leashed(command: list[str], *, user: str | None = None) -> list[str]:
    """The command, on a leash of this process; as this user, where root starts what refuses to be root."""
    return [sys.executable, "-S", "-E", __file__, str(os.getpid()), user or "", *command]


def main() -> None:
    owner, user, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    if user:
        # Before the wish to die with the owner: a process that changes its identity loses it.
        identity = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(identity.pw_gid)
        os.setuid(identity.pw_uid)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # The owner may have died before the call.
    if os.getppid() != owner:
        sys.exit("whoever wanted this process is gone")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
