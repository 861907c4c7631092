"""A Python that has imported the SDKs already, and forks for each program: `python preloaded.py DESCRIPTOR CHECKOUT`.

Importing pulumi_aws takes a program longer than all else that it does. Only what comes from installed packages is
imported here: the program's own modules are read by each fork, as tests change them.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import io
import json
import os
import runpy
import select
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Final, NoReturn

PR_SET_PDEATHSIG: Final = 1
PACKAGES: Final = f"{os.sep}site-packages{os.sep}"


def _nothing(_signal: int, _frame: object) -> None:
    """Handle a signal by waking up, and no more."""


def main() -> None:
    """Serve until whoever started this is gone: then there is nobody at the other end of the socket."""
    owner = socket.socket(fileno=int(sys.argv[1]))
    for module in _modules_of_the_program(sys.argv[2]):
        with suppress(ImportError):
            # Asked for any attribute, a module of the SDKs ceases to be lazy.
            hasattr(importlib.import_module(module), "loaded")
    # A fork's garbage collection would look at all of it, and so copy it.
    gc.freeze()
    children, news = socket.socketpair()
    news.settimeout(0)
    signal.set_wakeup_fd(news.fileno())
    signal.signal(signal.SIGCHLD, _nothing)
    running: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([owner, children], [], [])
        if children in ready:
            children.recv(4096)
            _tell(running)
        if owner in ready:
            word, descriptors, _, _ = socket.recv_fds(owner, 1, 3)
            if not word:
                return
            asked, output, errors = descriptors
            pid = os.fork()
            if not pid:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for each in (owner, children, news, *running.values()):
                    each.close()
                _run(socket.socket(fileno=asked), output, errors)
            os.close(output)
            os.close(errors)
            running[pid] = socket.socket(fileno=asked)


def _tell(running: dict[int, socket.socket]) -> None:
    """Tell how each program has ended that has ended."""
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with suppress(OSError), running.pop(pid) as connection:
            connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _modules_of_the_program(checkout: str) -> list[str]:
    """Modules of packages that a plan of `prod` needs, found out in a fork, which alone is changed by it."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.chdir(checkout)
        sys.path[0] = checkout
        from plan import plan_stack

        plan_stack("prod")
        # Of another type are modules of the SDKs that nobody has used: pulumi._utils._LazyModule.
        used = {name: each for name, each in sys.modules.items() if type(each) is ModuleType}
        found = [name for name, each in used.items() if PACKAGES in (getattr(each, "__file__", None) or "")]
        with os.fdopen(writing, "w") as pipe:
            json.dump(found, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(pid, 0)
    return json.loads(text)


def _run(connection: socket.socket, output: int, errors: int) -> NoReturn:
    """Become `python -u SCRIPT ARGUMENT ...` in the folder and with the environment that the connection tells."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    with connection, connection.makefile("rw") as conversation:
        asked = json.loads(conversation.readline())
        conversation.write(f"{os.getpid()}\n")
    for source, target in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (errors, 2)):
        os.dup2(source, target)
        os.close(source)
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), write_through=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w"), write_through=True)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = asked["arguments"]
    sys.path[0] = str(Path(sys.argv[0]).parent)
    runpy.run_path(sys.argv[0], run_name="__main__")
    sys.exit()


if __name__ == "__main__":
    main()
