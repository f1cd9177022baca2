"""A client of `portless mcp` by the protocol's own SDK: `mcp_client.py PROGRAM FOLDER`.

Brings the project in FOLDER up, and prints each answer's essence as a line of JSON.
"""

import asyncio
import json
import os
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

program, folder = sys.argv[1:]


def server(*flags):
    return StdioServerParameters(
        command=program, args=["mcp", *flags], env=dict(os.environ), cwd=folder
    )


def show(name, value):
    print(json.dumps({"name": name, "value": value}), flush=True)


async def call(session, tool, **arguments):
    result = await session.call_tool(tool, arguments)
    return json.loads(result.content[0].text) if result.content[0].text.startswith("{") else (
        result.content[0].text
    )


async def looker():
    """A second client at the same time, which may only look."""
    async with stdio_client(server()) as (reading, writing):
        async with ClientSession(reading, writing) as session:
            await session.initialize()
            tools = {tool.name for tool in (await session.list_tools()).tools}
            show("looker", sorted({"up", "stop_app"} & tools))
            try:
                await session.call_tool("stop_app", {"app": "project"})
            except Exception as error:
                show("refused", str(error))
            apps = await call(session, "list_apps")
            show("looker sees", [app["name"] for app in apps["apps"]])


async def main():
    async with stdio_client(server("--allow-changes")) as (reading, writing):
        async with ClientSession(reading, writing) as session:
            await session.initialize()
            up = await call(session, "up", folder=folder)
            show("up", up["done"])
            name = up["app"]["name"]
            waited = await call(session, "wait_for_app", app=name, timeout=60)
            show("online", waited["online"])
            show("url", (await call(session, "get_url", name=name))["url"])
            logs = await call(session, "read_logs", app=name, contains="HELLO")
            show("logs", [line["text"] for line in logs["lines"]])
            resource = await session.read_resource(f"portless://apps/{name}/logs")
            show("resource", "hello" in resource.contents[0].text)
            await looker()
            show("wrong", await call(session, "stop_app", app="nothing"))
            for wrong in [{}, {"port": 0}, {"port": "x"}, {"port": 1, "y": 2}]:
                try:
                    await session.call_tool("explain_port", wrong)
                    show("taken", wrong)
                except Exception as error:
                    show("bad", str(error))
            show("stopped", (await call(session, "stop_app", app=name))["success"])


asyncio.run(main())
