#!/usr/bin/env python3
"""Compares our proxy with those that are installed, all in one run, and prints one table.

Each proxy has one worker on core 0; clients and the app have core 1. Rounds are interleaved and
medians taken, because only ratios within one run mean anything.
"""

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import platform
import shutil
import socket
import statistics
import subprocess
import tempfile
import time

import instructions
import load
import processes
import servers
import table

SCENARIOS = {
    "h1, 13 B, 32 connections": lambda p, s: load.wrk(p.plain, s, 32),
    "h1, 1 connection": lambda p, s: load.wrk(p.plain, s, 1),
    "h1, 256 connections": lambda p, s: load.wrk(p.plain, s, 256),
    "browser's headers, 32": lambda p, s: load.wrk(p.plain, s, 32, fields=load.BROWSER),
    "1 MiB body, 8": lambda p, s: load.wrk(p.plain, s, 8, path="/big"),
    "TLS h1, 32": lambda p, s: load.wrk(p.secure, s, 32, tls=True),
    "h2, 8 × 32 streams": lambda p, s: load.http2(p.secure, s, 8, 32),
    "h2, 1 × 32 streams": lambda p, s: load.http2(p.secure, s, 1, 32),
    "new TLS handshake + request": lambda p, s: load.handshakes(p.secure, 400 * s),
    "resumed TLS handshake + request": lambda p, s: load.wrk(
        p.secure, s, 8, fields=["Connection: close"], tls=True
    ),
}


def measure(proxy, scenario, seconds):
    """CPU microseconds a request, requests a second, latency in microseconds."""
    pids = set(proxy.pids.values())
    before = sum(map(processes.cpu_seconds, pids))
    requests, rate, latency = SCENARIOS[scenario](proxy, seconds)
    used = sum(map(processes.cpu_seconds, pids)) - before
    return used / requests * 1e6, rate, latency


def compare(proxies, scenarios, rounds, seconds):
    """Medians for each scenario and proxy."""
    samples = {}
    for scenario in scenarios:
        for proxy in proxies:
            with contextlib.suppress(load.Failed):
                SCENARIOS[scenario](proxy, 1)  # opens pools, fills caches
        for _ in range(rounds):
            for proxy in proxies:
                try:
                    result = measure(proxy, scenario, seconds)
                    samples.setdefault((scenario, proxy.name), []).append(result)
                except load.Failed as failure:
                    print(f"{proxy.name}, {scenario}: {failure}")
        print(".", end="", flush=True)
    print()
    return {
        key: tuple(statistics.median(column) for column in zip(*results))
        for key, results in samples.items()
    }


def direct(app, seconds):
    """The app without any proxy: requests a second at 32 connections, latency at one."""
    rate = load.wrk(app.port, seconds, 32)[1]
    return rate, load.wrk(app.port, seconds, 1)[2]


def memory(proxy):
    """PSS when idle, and with 1,000 connections that had a request each and wait for the next."""
    pid = proxy.pids[proxy.plain]
    idle = processes.pss_mebibytes(pid)
    request = f"GET / HTTP/1.1\r\nHost: {servers.NAME}\r\n\r\n".encode()
    with contextlib.ExitStack() as stack:
        for _ in range(1000):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", proxy.plain)))
            client.sendall(request)
            client.recv(4096)
        return idle, processes.pss_mebibytes(pid)


def start_up(proxy, *arguments):
    """Milliseconds from spawn to exit, the median of many."""
    times = []
    for _ in range(41):
        start = time.perf_counter()
        proxy.command(*arguments)
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def many_routes(proxy, seconds, rounds):
    """CPU a request with 1 and with 1,000 routes, in the scenario with 32 connections."""
    path = proxy.folder / "plain" / "routes.json"
    one = path.read_text()
    route = json.loads(one)[0]
    others = [dict(route, hostname=f"name{n}.localhost") for n in range(999)]
    thousand = json.dumps(others + [route])
    samples = {one: [], thousand: []}
    for _ in range(rounds):
        for content, results in samples.items():
            path.write_text(content)
            results.append(measure(proxy, next(iter(SCENARIOS)), seconds)[0])
    path.write_text(one)
    return [statistics.median(results) for results in samples.values()]


def machine():
    model = next(
        line.split(":")[1].strip()
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    return f"{os.cpu_count()} × {model}, Linux {platform.release()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, help="the release build of portless")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--only", action="append", default=[], help="a part of a scenario's name")
    parser.add_argument("--proxy", action="append", default=[], help="ours and nginx, say")
    options = parser.parse_args()
    servers.Portless.binary = os.path.abspath(options.binary)

    for tool in ("nginx", "wrk", "h2load", "openssl"):
        if not shutil.which(tool):
            raise SystemExit(f"{tool} is missing (Debian: nginx wrk nghttp2-client openssl)")
    missing = [kind.name for kind in servers.ALL if not kind.is_installed()]
    if missing:
        print(f"Not installed, so left out: {', '.join(missing)}")
    kinds = [
        kind for kind in servers.ALL
        if kind.is_installed() and (not options.proxy or kind.name in options.proxy)
    ]
    scenarios = [
        name for name in SCENARIOS
        if not options.only or any(part in name for part in options.only)
    ]

    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        # nginx's worker runs as another user where this runs as root.
        os.chmod(folder, 0o755)
        certificate = servers.make_certificate(folder)
        app = servers.App(folder)
        stack.callback(app.stop)
        app.start()
        proxies = [kind(folder) for kind in kinds]
        for proxy in proxies:
            stack.callback(proxy.stop)
            proxy.start(app.port, certificate)

        print(f"{datetime.date.today()}, {machine()}\n")
        whole = not options.only
        memories = {p.name: memory(p) for p in proxies} if whole else {}
        results = compare(proxies, scenarios, options.rounds, options.seconds)
        names = [proxy.name for proxy in proxies]
        print(table.ratios(scenarios, names, results))
        if not whole:
            return
        ours = next((p for p in proxies if p.name == "portless"), None)
        print(table.rates(names, results, direct(app, options.seconds)))
        print(table.memory(memories))
        if ours:
            print(table.ours(
                version=start_up(ours, "--version"),
                listing=start_up(ours, "list"),
                routes=many_routes(ours, options.seconds, options.rounds),
                instructions=instructions.count(ours),
            ))


if __name__ == "__main__":
    main()
