#!/usr/bin/env python3
"""cloudflared as far as a quick tunnel goes; its lines are those of version 2025.2.

`cloudflared-mood` in FAKE_SHARING says what goes wrong: `limited`, `unconnected`, `dies` (soon after
it has begun), or `child`, where it leaves a process of its own. What it was told is in
`cloudflared-arguments`. Requests of strangers come by `cloudflared-port`: nothing listens beyond
this machine.
"""
import os
import subprocess
import sys
import time

folder = os.environ["FAKE_SHARING"]


def mood():
    try:
        with open(f"{folder}/cloudflared-mood") as file:
            return file.read().strip()
    except OSError:
        return ""


def say(text, level="INF"):
    print(f"2026-11-28T22:00:00Z {level} {text}", file=sys.stderr, flush=True)


if sys.argv[1:] == ["--version"]:
    print("cloudflared version 2025.2.1 (built 2025-02-27-1122 UTC)")
    sys.exit()

with open(f"{folder}/cloudflared-arguments", "w") as file:
    file.write("\n".join(sys.argv[1:]))
say("Thank you for trying Cloudflare Tunnel. https://developers.cloudflare.com/cloudflare-one")
say("Requesting new quick Tunnel on trycloudflare.com...")
if mood() == "limited":
    say(
        "Error unmarshaling QuickTunnel response: error code: 1015 "
        "error=\"invalid character 'e' looking for beginning of value\" "
        'status_code="429 Too Many Requests"',
        "ERR",
    )
    print(
        'failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": 429',
        file=sys.stderr,
    )
    sys.exit(1)
if mood() == "child":
    subprocess.Popen(["sleep", "1000"])
url = "https://buffalo-marco-cardiff-motel.trycloudflare.com"
line = "Your quick Tunnel has been created! Visit it at (it may take some time to be reachable):"
say("+" + "-" * 92 + "+")
say(f"|  {line}  |")
say(f"|  {url}{' ' * 36} |")
say("+" + "-" * 92 + "+")
say("Cannot determine default configuration path. No file [config.yml config.yaml] in [~/.cloudflared]")
if mood() != "unconnected":
    time.sleep(0.3)
    say("Registered tunnel connection connIndex=0 connection=1 ip=198.41.200.1 protocol=quic")
if mood() == "dies":
    time.sleep(2)
    say("Failed to serve tunnel connection error=\"timeout: no recent network activity\"", "ERR")
    sys.exit(1)
while True:
    time.sleep(1)
