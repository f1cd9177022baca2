"""Opens WebSockets to URL, trusting only the authority AUTHORITY, and checks the echoes."""

import asyncio
import ssl
import sys

import websockets


async def main(url, authority):
    context = ssl.create_default_context(cafile=authority) if url.startswith("wss") else None
    # Python's resolver doesn't know that names under localhost are this machine.
    async with websockets.connect(url, ssl=context, host="127.0.0.1", max_size=None) as socket:
        hello = await socket.recv()
        assert hello.startswith("hello "), hello
        for message in ["one", "two" * 40_000, b"\x00\xff" * 200_000]:
            await socket.send(message)
            assert await socket.recv() == message
    print("echoed")


asyncio.run(main(sys.argv[1], sys.argv[2]))
