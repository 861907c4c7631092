"""A gRPC server on a free port of this machine."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, final

import grpc

# The engine's own limit: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/util/rpcutil/serve.go
MESSAGE_BYTES: Final = 400 * 1024 * 1024
OPTIONS: Final = [("grpc.max_receive_message_length", MESSAGE_BYTES), ("grpc.max_send_message_length", MESSAGE_BYTES)]


@final
class Served:
    """A servicer, from construction until `stop`."""

    def __init__(self, servicer: Any, add_to_server: Callable[[Any, Any], None]) -> None:
        # Calls that hang keep their threads: more of them than the engine has calls under way.
        self._server = grpc.server(ThreadPoolExecutor(max_workers=256), options=OPTIONS)
        add_to_server(servicer, self._server)
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def stop(self) -> None:
        self._server.stop(grace=1).wait()
