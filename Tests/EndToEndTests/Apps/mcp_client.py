"""A client of `portless mcp` by the protocol's own SDK: `mcp_client.py PROGRAM FOLDER`.

Brings the project in FOLDER up, and prints each answer's essence as a line of JSON.
"""

import asyncio
import json
import os
import signal
import subprocess
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
            show("looker", sorted({"up", "stop_app", "run_job", "stop_job", "restart_crashed"} & tools))
            show("looker has", sorted({"list_jobs", "show_crash", "show_patch"} & tools))
            try:
                await session.call_tool("stop_app", {"app": "project"})
            except Exception as error:
                show("refused", str(error))
            apps = await call(session, "list_apps")
            show("looker sees", [app["name"] for app in apps["apps"]])


async def jobs(session):
    job = await call(
        session, "run_job", command=["sh", "-c", "cat; exit 3"], name="agent", input="from the model\n"
    )
    ended = await call(session, "show_job", job=job["id"], wait=60)
    show("job", [ended["state"], ended["exitCode"], ended["command"]])
    lines = (await call(session, "read_job_logs", job="agent"))["lines"]
    show("job logs", [line["text"] for line in lines if line["stream"] == "out"])
    await call(session, "run_job", command=["sleep", "600"], name="long")
    listed = await call(session, "list_jobs", limit=1)
    show("jobs", [listed["jobs"][0]["name"], listed["left_out"]])
    show("job stopped", (await call(session, "stop_job", job="long"))["state"])
    show("no job", await call(session, "show_job", job="../apps"))
    for wrong in [{}, {"command": "sleep 1"}, {"command": []}, {"command": [1]}]:
        try:
            await session.call_tool("run_job", wrong)
            show("taken", wrong)
        except Exception as error:
            show("bad job", str(error))


async def crashes(session, name):
    """Kills the app, and has it restarted."""
    show("no crash", await call(session, "show_crash"))
    subprocess.run([program, "crashes", "on"], check=True, capture_output=True)
    apps = (await call(session, "list_apps"))["apps"]
    os.kill(apps[0]["processes"][0]["pid"], signal.SIGSEGV)
    for _ in range(200):
        found = await call(session, "list_crashes", app=name)
        if found["crashes"]:
            break
        await asyncio.sleep(0.1)
    crash = await call(session, "show_crash")
    show("crash", [crash["id"] == found["crashes"][0]["id"], crash["exit"]["signal"], crash["diagnosis"]["kind"]])
    show("crash lines", crash["output"][:1])
    show("crash variables", "PORT" in crash["environment"])
    show("patch", await call(session, "show_patch", id=crash["id"]))
    show("restarted", (await call(session, "restart_crashed"))["success"])


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
            await jobs(session)
            await crashes(session, name)
            show("stopped", (await call(session, "stop_app", app=name))["success"])


asyncio.run(main())
