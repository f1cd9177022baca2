"""Opens a WebSocket to URL and says so; once the file GO exists, checks that it still echoes."""

import asyncio
import os
import ssl
import sys

import websockets


async def main(url, authority, go):
    context = ssl.create_default_context(cafile=authority)
    async with websockets.connect(url, ssl=context, host="127.0.0.1") as socket:
        await socket.recv()
        print("open", flush=True)
        while not os.path.exists(go):
            await asyncio.sleep(0.02)
        await socket.send("still there")
        assert await socket.recv() == "still there"
        print("echoed")


asyncio.run(main(*sys.argv[1:4]))
