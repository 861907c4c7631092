"""TLS for a server that has none: from the loopback interface to a Unix socket. `broker.py` says why."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import sys

from local.ports import LOOPBACK

CHUNK = 65536


async def serve(*, port: int, inner: str, certificate: str, key: str) -> None:
    """Forward until told to stop."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_unix_connection(inner)
            # When one side hangs up, the other must notice at once: clients know by it that the broker died.
            ways = [asyncio.ensure_future(_copy(reader, back)), asyncio.ensure_future(_copy(there, writer))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            back.close()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(connected, LOOPBACK, port, ssl=context)
    async with server:
        await server.serve_forever()


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(CHUNK):
            sink.write(data)
            await sink.drain()


if __name__ == "__main__":
    own_port, socket_path, certificate_path, key_path = sys.argv[1:]
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(port=int(own_port), inner=socket_path, certificate=certificate_path, key=key_path))
