#!/usr/bin/env python3
"""Stands in for nginx as the app behind the proxy: the same bytes for `GET /` on PORT, and `/big`."""

import asyncio
import sys

HEAD = (
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 28 Nov 2026 09:00:00 GMT\r\n"
    "Content-Type: text/plain\r\nContent-Length: {}\r\nConnection: keep-alive\r\n\r\n"
)
BODIES = {b"/big": bytes(2**20)}


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            body = BODIES.get(head.split()[1], b"Hello, world!")
            writer.write(HEAD.format(len(body)).encode() + body)
            await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), backlog=4096)
    await server.serve_forever()


asyncio.run(main())
