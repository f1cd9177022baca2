"""An app on PORT: `/big` is answered without end, `/stuck` is never read, anything else is `ok`."""

import asyncio
import os


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split()[1]
            if path == b"/stuck":
                writer.transport.pause_reading()
                await asyncio.sleep(3600)
            if path == b"/big":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
                while True:
                    writer.write(bytes(65536))
                    await writer.drain()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    except (OSError, asyncio.IncompleteReadError):
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]), backlog=4096)
    await server.serve_forever()


asyncio.run(main())
