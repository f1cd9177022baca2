"""How long `GET /api/apps` takes with many apps: p50 and p99 over one kept connection.

usage: api.py --binary PORTLESS [--apps 100] [--requests 2000]
"""

import argparse
import http.client
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def register(state, count):
    """Apps of two processes with two ports each, as `portless apps add` stores them."""
    apps = {}
    for number in range(count):
        port = 20000 + 4 * number
        processes = [
            {"name": f"{kind}-{number}", "port": port + offset,
             "ports": {"api": port + offset, "health": port + offset + 1}}
            for offset, kind in ((0, "web"), (2, "worker"))
        ]
        apps[f"app-{number:03}"] = {
            "name": f"app-{number:03}", "repoPath": f"/projects/app-{number:03}",
            "processes": processes, "pm2ProcessNames": [p["name"] for p in processes],
            "archived": False,
        }
    state.mkdir(parents=True)
    (state / "apps.json").write_text(json.dumps({"apps": apps}))


def percentile(times, share):
    return times[min(len(times) - 1, int(len(times) * share))]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--apps", type=int, default=100)
    parser.add_argument("--requests", type=int, default=2000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        state = pathlib.Path(folder) / "state"
        register(state, options.apps)
        port = free_port()
        environment = dict(
            os.environ, PORTLESS_STATE_DIR=str(state), PORTLESS_API_PORT=str(port),
            PORTLESS_API_LOCAL_PORT=str(free_port()), PORTLESS_SYNC_HOSTS="0",
        )
        binary = os.path.abspath(options.binary)
        subprocess.run([binary, "server", "start"], env=environment, check=True)
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            times = []
            for number in range(options.requests + 100):
                start = time.perf_counter()
                connection.request("GET", "/api/apps")
                body = connection.getresponse().read()
                if number >= 100:  # The first ones warm up.
                    times.append(time.perf_counter() - start)
            assert len(json.loads(body)) == options.apps
            times.sort()
            print(f"GET /api/apps, {options.apps} apps, {len(body) / 1024:.0f} KiB: "
                  f"p50 {percentile(times, .5) * 1000:.2f} ms, "
                  f"p99 {percentile(times, .99) * 1000:.2f} ms")
        finally:
            subprocess.run([binary, "server", "stop"], env=environment, check=True)


if __name__ == "__main__":
    main()
