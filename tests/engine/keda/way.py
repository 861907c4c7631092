"""The way to the database, which can hang: connections stay open, new ones are accepted, and nothing comes through."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Final, final

CHUNK: Final = 65536


@final
class Way:
    """From a port of its own to the server's, byte for byte, so TLS goes through."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._open = threading.Event()
        self._open.set()
        self._lost = False
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.tries = 0
        """Connections that were accepted."""

    def __enter__(self) -> Way:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._cut()

    def hang(self) -> None:
        """What comes waits until `resume`, as with a server that is stopped in its tracks."""
        self._open.clear()

    def lose(self) -> None:
        """Cut what is open, and accept what comes without ever an answer, also after `resume`: its host is gone."""
        self._lost = True
        self._cut()

    def resume(self) -> None:
        self._lost = False
        self._open.set()

    def _cut(self) -> None:
        ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        lost: list[socket.socket] = []
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                break
            self.tries += 1
            if self._lost:
                lost.append(near)
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._to), timeout=3)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            self._ends += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, target), daemon=True).start()
        for each in lost:
            each.close()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(CHUNK):
                self._open.wait()
                target.sendall(chunk)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
