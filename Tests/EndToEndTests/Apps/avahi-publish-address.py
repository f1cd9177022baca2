#!/usr/bin/env python3
"""Avahi's publisher as the proxy's helper calls it, in the mood that the files in FAKE_AVAHI give it.

`dies` ends it at once, `collides` as the real one does for a name that another computer has, `slow`
lets it take two seconds. The file `log` tells what is published.
"""
import os
import signal
import sys
import time

mood = os.environ["FAKE_AVAHI"]
assert sys.argv[1] == "-R", sys.argv
name, address = sys.argv[2], sys.argv[3]


def log(word):
    with open(f"{mood}/log", "a") as file:
        file.write(f"{word} {name} {address} {os.getpid()}\n")


def end(*_):
    log("withdrawn")
    print("Got SIGTERM, quitting.", flush=True)
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
if os.path.exists(f"{mood}/dies"):
    print("Failed to create client object: Daemon not running", file=sys.stderr, flush=True)
    sys.exit(1)
if os.path.exists(f"{mood}/collides"):
    print("Name collision, picking new name '(null)'.", file=sys.stderr, flush=True)
    os.abort()
if os.path.exists(f"{mood}/slow"):
    time.sleep(2)
log("published")
print(f"Established under name '{name}'", file=sys.stderr, flush=True)
while True:
    signal.pause()
