#!/usr/bin/env python3
"""Opens and closes many connections of all kinds while the apps are killed and restarted.

Afterwards the proxy must still serve, and its descriptors and memory must be back to about where
they were after the first round.
"""

import argparse
import base64
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

import load
import processes
import servers

HOST = servers.NAME
# What malloc keeps for the next burst may grow a little; a leak of 100,000 connections is more.
GROWTH_MEBIBYTES = 12


def serve_echo(port):
    """The app: echoes what comes after an upgrade, answers `ok` to anything else."""

    def serve(client):
        with client, contextlib.suppress(OSError):
            while True:
                head = b""
                while b"\r\n\r\n" not in head:
                    part = client.recv(4096)
                    if not part:
                        return
                    head += part
                if b"pgrade: websocket" in head:
                    client.sendall(b"HTTP/1.1 101 Switching Protocols\r\n"
                                   b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
                    while part := client.recv(65536):
                        client.sendall(part)
                    return
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with socket.create_server(("127.0.0.1", port), backlog=1024) as listener:
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


class App:
    """The echo app as a process, so that it can die as apps do."""

    def __init__(self):
        self.port = servers.free_port()
        self.start()

    def start(self):
        self.process = subprocess.Popen([sys.executable, __file__, "--serve", str(self.port)])

    def kill(self):
        self.process.kill()
        self.process.wait()

    def keep_dying(self, stopped):
        while not stopped.wait(1.5):
            self.kill()
            if stopped.wait(0.3):
                break
            self.start()


def websockets(port, count):
    """Upgrades, echoes and ends so many connections, one half of them without a goodbye."""
    key = base64.b64encode(os.urandom(16)).decode()
    upgrade = (
        f"GET /ws HTTP/1.1\r\nHost: {HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    ).encode()
    opened = 0
    for number in range(count):
        # A reset or a 502 is what a dying app has to look like.
        with contextlib.suppress(OSError):
            with socket.create_connection(("127.0.0.1", port), 10) as client:
                client.sendall(upgrade)
                if b" 101 " in client.recv(4096):
                    opened += 1
                    client.sendall(b"hello")
                    client.recv(4096)
                if number % 2:
                    client.shutdown(socket.SHUT_WR)
                    client.recv(4096)
    return count, opened


def connections_of(arguments):
    """Connections of wrk with `Connection: close`: one for each request."""
    finished = subprocess.run(arguments, capture_output=True, text=True)
    return int(load.number(r"(\d+) requests in", finished.stdout))


def round_of_all(proxy, results):
    """Some seconds of every kind of client at once."""
    wrk = ["wrk", "-t1", "-c16", "-d4s", "-H", f"Host: {HOST}", "-H", "Connection: close"]
    h2 = ["h2load", "-c100", "-n1000", "-m4", f"--connect-to=127.0.0.1:{proxy.secure}",
          f"https://{HOST}:{proxy.secure}/"]

    def add(kind, count):
        results[kind] = results.get(kind, 0) + count

    def http2():
        for _ in range(6):
            subprocess.run(h2, capture_output=True)
            add("HTTP/2", 100)

    def tunnels():
        count, opened = websockets(proxy.plain, 1500)
        add("WebSocket", count)
        add("of these opened", opened)

    kinds = [
        lambda: add("HTTP/1.1", connections_of([*wrk, f"http://127.0.0.1:{proxy.plain}/"])),
        lambda: add("TLS", connections_of([*wrk, f"https://127.0.0.1:{proxy.secure}/"])),
        http2,
        tunnels,
    ]
    threads = [threading.Thread(target=kind) for kind in kinds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def total(results):
    return sum(count for kind, count in results.items() if kind != "of these opened")


def settled(pid):
    """Descriptors and memory once nothing changes any more.

    Idle upstream connections end in seconds; memory is given back some 20 s after a burst.
    """
    time.sleep(22)
    last = None
    for _ in range(30):
        time.sleep(2)
        now = processes.descriptors(pid)
        if now == last:
            break
        last = now
    return processes.descriptors(pid), processes.pss_mebibytes(pid)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary")
    parser.add_argument("--connections", type=int, default=100_000)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve_echo(options.serve)
    servers.Portless.binary = os.path.abspath(options.binary)

    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        app = App()
        stack.callback(app.kill)
        proxy = servers.Portless(folder)
        stack.callback(proxy.stop)
        proxy.start(app.port, None)
        pids = {"plain": proxy.pids[proxy.plain], "TLS": proxy.pids[proxy.secure]}

        results = {}
        round_of_all(proxy, results)
        before = {name: settled(pid) for name, pid in pids.items()}
        stopped = threading.Event()
        dying = threading.Thread(target=app.keep_dying, args=(stopped,))
        dying.start()
        while total(results) < options.connections:
            round_of_all(proxy, results)
            print(f"{total(results):,}", end=" ", flush=True)
        stopped.set()
        dying.join()
        print()
        if app.process.poll() is not None:
            app.start()
        after = {name: settled(pid) for name, pid in pids.items()}

        print(", ".join(f"{kind} {count:,}" for kind, count in results.items()))
        failures = [p.args[0] for p in proxy.running if p.poll() is not None]
        for name in pids:
            print(f"{name}: descriptors {before[name][0]} → {after[name][0]}, "
                  f"PSS {before[name][1]:.1f} → {after[name][1]:.1f} MiB")
            if after[name][0] > before[name][0]:
                failures.append(f"{name} leaks descriptors")
            if after[name][1] > before[name][1] + GROWTH_MEBIBYTES:
                failures.append(f"{name} leaks memory")
        if websockets(proxy.plain, 1) != (1, 1):
            failures.append("no WebSocket at the end")
        sys.exit("\n".join(failures) or 0)


if __name__ == "__main__":
    main()
