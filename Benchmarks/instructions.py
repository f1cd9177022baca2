#!/usr/bin/env python3
"""User-space instructions of our proxy for each request, counted by valgrind's callgrind.

They hardly vary from run to run, so that a regression shows where time would only be noise:
`instructions.py --binary PATH --limit 28000` fails above the limit.
"""

import argparse
import contextlib
import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

import load
import servers

REQUESTS = 2000
SCENARIOS = {"h1": (), "h1, browser's headers": load.BROWSER}


def count(proxy):
    """Instructions a request for each scenario; empty where valgrind isn't installed."""
    if not shutil.which("valgrind"):
        return {}
    original = servers.Portless.binary
    # valgrind can't read the debug information of Swift binaries.
    stripped = str(proxy.folder / "stripped")
    subprocess.run(["strip", "-o", stripped, original], check=True)
    servers.Portless.binary = stripped
    try:
        return {
            name: (collected(proxy, REQUESTS, fields) - collected(proxy, 0, fields)) / REQUESTS
            for name, fields in SCENARIOS.items()
        }
    finally:
        servers.Portless.binary = original


def serve_held(proxy, under):
    """Starts the proxy's daemon as its holder would, but under another program."""
    proxy.state("instructions")
    proxy.command("alias", servers.NAME.removesuffix(".localhost"), str(proxy.app_port))
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    command = [*under, servers.Portless.binary, "proxy", "start", "--foreground", "--held",
               "-p", str(port), "--no-tls"]

    def hand_over():
        os.dup2(listener.fileno(), 3)
        os.set_inheritable(3, True)

    with open(proxy.folder / "log", "ab") as output:
        process = subprocess.Popen(
            # It takes sockets only where they are meant for its own process.
            ["sh", "-c", 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', "sh", *command],
            # The daemon ends with its standard input.
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=proxy.environment,
            close_fds=False,
            preexec_fn=hand_over,
        )
    listener.close()
    for _ in range(500):
        if process.poll() is not None:
            sys.exit((proxy.folder / "log").read_text())
        with contextlib.suppress(OSError):
            http.client.HTTPConnection("127.0.0.1", port).connect()
            break
    return port, process


def collected(proxy, requests, fields):
    """Instructions of a whole run with that many requests on one connection."""
    log = proxy.folder / "callgrind.log"
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                f"--log-file={log}"]
    port, process = serve_held(proxy, valgrind)
    headers = dict(field.split(": ", 1) for field in fields)
    client = http.client.HTTPConnection("127.0.0.1", port)
    # The first few open the upstream connection and fill caches.
    for _ in range(50 + requests):
        client.request("GET", "/", headers=dict(headers, Host=servers.NAME))
        client.getresponse().read()
    client.close()
    process.terminate()
    process.wait()
    return int(re.search(r"Collected : (\d+)", log.read_text())[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--limit", type=int, default=28_000, help="for the plain request")
    options = parser.parse_args()
    servers.Portless.binary = os.path.abspath(options.binary)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        os.chmod(folder, 0o755)
        app = servers.App(folder)
        stack.callback(app.stop)
        app.start()
        proxy = servers.Portless(folder)
        proxy.app_port = app.port
        counts = count(proxy)
    if not counts:
        sys.exit("valgrind is missing")
    for name, value in counts.items():
        print(f"{name}: {value:,.0f} instructions a request")
    if counts["h1"] > options.limit:
        sys.exit(f"more than {options.limit:,}")


if __name__ == "__main__":
    main()
