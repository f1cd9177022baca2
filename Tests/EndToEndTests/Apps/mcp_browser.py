"""The browser's tools of `portless mcp`, by the protocol's own SDK: `mcp_browser.py PROGRAM PAGE`.

Prints each answer's essence as a line of JSON.
"""

import asyncio
import base64
import json
import os
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

program, page = sys.argv[1:]


def show(name, value):
    print(json.dumps({"name": name, "value": value}), flush=True)


async def with_session(body, *flags):
    server = StdioServerParameters(command=program, args=["mcp", *flags], env=dict(os.environ))
    async with stdio_client(server) as (reading, writing):
        async with ClientSession(reading, writing) as session:
            await session.initialize()
            await body(session)


async def look(session):
    tools = {tool.name for tool in (await session.list_tools()).tools}
    show("looks", sorted(name for name in tools if name.startswith("browser_")))
    result = await session.call_tool("browser_screenshot", {})
    show("absent", [result.is_error, result.content[0].text])


async def drive(session):
    async def call(tool, **arguments):
        result = await session.call_tool(tool, arguments)
        assert not result.is_error, result.content
        return json.loads(result.content[0].text), result.content

    opened, _ = await call("browser_open", page=page)
    show("opened", opened["title"])
    status, _ = await call("browser_status")
    show("status", status["status"])
    shot, content = await call("browser_screenshot")
    png = base64.b64decode(content[1].data)
    show("picture", [content[1].type, content[1].mime_type, png[:4] == b"\x89PNG", "png" in shot])
    console, _ = await call("browser_console")
    show("console", sorted({entry["kind"] for entry in console["entries"]}))
    tree, _ = await call("browser_accessibility")
    show("tree", 'button "Save"' in tree["tree"])
    refused = await session.call_tool("browser_open", {"page": "http://127.0.0.1:22"})
    show("refused", [refused.is_error, "loopback" in refused.content[0].text])


asyncio.run(with_session(look))
asyncio.run(with_session(drive, "--allow-changes"))
