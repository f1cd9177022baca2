"""Calls one tool of `portless mcp --allow-changes`: `mcp_call.py PROGRAM FOLDER TOOL ARGUMENTS`."""

import asyncio
import json
import os
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

program, folder, tool, arguments = sys.argv[1:]


async def main():
    server = StdioServerParameters(
        command=program, args=["mcp", "--allow-changes"], env=dict(os.environ), cwd=folder
    )
    async with stdio_client(server) as (reading, writing):
        async with ClientSession(reading, writing) as session:
            await session.initialize()
            result = await session.call_tool(tool, json.loads(arguments))
            print(result.content[0].text)


asyncio.run(main())
