"""The clients: each runs for a while and tells how many requests were answered."""

import re
import subprocess

import processes
from servers import APP_CORE, NAME

# What Chromium sends for a navigation, with a few cookies.
BROWSER = [
    'sec-ch-ua: "Chromium";v="130", "Not?A_Brand";v="99"',
    "sec-ch-ua-mobile: ?0",
    'sec-ch-ua-platform: "Linux"',
    "Upgrade-Insecure-Requests: 1",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Safari/537.36",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Mode: navigate",
    "Sec-Fetch-User: ?1",
    "Sec-Fetch-Dest: document",
    "Referer: http://app.localhost/dashboard/projects?sort=updated&page=2",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Accept-Language: en-GB,en;q=0.9,de;q=0.8",
    "Cookie: session=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N; "
    "theme=dark; csrftoken=Yb1vFh2JzvW0v1m3Yk9d8c7b6a5; __next_hmr_refresh_hash__=17",
]

MICROSECONDS = {"us": 1, "ms": 1e3, "s": 1e6}


class Failed(Exception):
    pass


def run(command):
    finished = subprocess.run(
        command, capture_output=True, text=True, preexec_fn=processes.pinned(APP_CORE)
    )
    if finished.returncode != 0:
        raise Failed(f"{' '.join(command)}\n{finished.stdout}{finished.stderr}")
    return finished.stdout


def number(pattern, text):
    found = re.search(pattern, text)
    if not found:
        raise Failed(f"{pattern} not found in:\n{text}")
    return float(found[1])


def wrk(port, seconds, connections, path="/", fields=(), tls=False):
    """HTTP/1.1. Returns requests, requests a second, and the median latency in microseconds."""
    headers = [part for field in (f"Host: {NAME}", *fields) for part in ("-H", field)]
    url = f"{'https' if tls else 'http'}://127.0.0.1:{port}{path}"
    text = run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *headers, url]
    )
    if "Non-2xx" in text:
        raise Failed(text)
    latency = re.search(r"50%\s+([\d.]+)(us|ms|s)\b", text)
    return (
        number(r"(\d+) requests in", text),
        number(r"Requests/sec:\s+([\d.]+)", text),
        float(latency[1]) * MICROSECONDS[latency[2]],
    )


def h2load(*arguments, port):
    """Returns the same as `wrk`, with the mean for the median latency."""
    text = run(
        ["h2load", *arguments, f"--connect-to=127.0.0.1:{port}", f"https://{NAME}:{port}/"]
    )
    done = number(r"(\d+) succeeded", text)
    mean = re.search(r"time for request:\s+\S+\s+\S+\s+([\d.]+)(us|ms|s)", text)
    if done == 0:
        raise Failed(text)
    return done, number(r"([\d.]+) req/s", text), float(mean[1]) * MICROSECONDS[mean[2]]


def http2(port, seconds, connections, streams):
    """HTTP/2 over TLS."""
    return h2load(f"-c{connections}", f"-m{streams}", f"-D{seconds}", port=port)


def handshakes(port, count):
    """One HTTP/1.1 request on each of so many new connections; no session is resumed.

    wrk won't do here: its connections keep their TLS session when they are opened again.
    """
    return h2load("--h1", f"-c{count}", f"-n{count}", "-m1", port=port)
