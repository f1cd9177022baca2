#!/usr/bin/env python3
"""systemd's control program for one test: it reads the units in the user's folder, and runs them.

FAKE_SYSTEMD is a folder: `calls` has what it was asked, `enabled-UNIT` and `pid-UNIT` what it knows.
"""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time

home = os.environ["FAKE_SYSTEMD"]
words = [word for word in sys.argv[1:] if not word.startswith("-")]
flags = [word for word in sys.argv[1:] if word.startswith("-")]
with open(f"{home}/calls", "a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\n")
verb, units = words[0], words[1:]


def settings(unit):
    """The settings of [Service], as systemd.syntax(7) reads them."""
    found = {}
    for line in open(f"{os.environ['HOME']}/.config/systemd/user/{unit}"):
        key, equals, value = line.rstrip("\n").partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def split(value):
    return [word.replace("%%", "%") for word in shlex.split(value)]


def pid(unit):
    try:
        number = int(open(f"{home}/pid-{unit}").read())
        os.kill(number, 0)
        state = open(f"/proc/{number}/stat").read().rsplit(")", 1)[1].split()[0]
        return None if state == "Z" else number
    except (OSError, ValueError):
        return None


def stop(unit):
    number = pid(unit)
    if number:
        os.kill(number, signal.SIGTERM)
        for _ in range(100):
            if not pid(unit):
                break
            time.sleep(0.1)
        else:
            os.kill(number, signal.SIGKILL)


def start(unit):
    service = settings(unit)
    path = f"{home}/notify"
    if os.path.exists(path):
        os.unlink(path)
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(path)
    notify.settimeout(0.2)
    environment = {"HOME": os.environ["HOME"], "NOTIFY_SOCKET": path}
    for line in service.get("Environment", []):
        for word in split(line):
            name, _, value = word.partition("=")
            environment[name] = value
    command = [word.replace("$$", "$") for word in split(service["ExecStart"][-1])]
    with open(f"{home}/journal", "a") as journal:
        process = subprocess.Popen(
            command, env=environment, cwd="/", stdin=subprocess.DEVNULL, stdout=journal, stderr=journal,
            start_new_session=True,
        )
    for _ in range(150):
        try:
            if b"READY=1" in notify.recv(4096):
                open(f"{home}/pid-{unit}", "w").write(str(process.pid))
                return
        except TimeoutError:
            pass
        if process.poll() is not None:
            break
    sys.exit(f"Job for {unit} failed because the control process exited with error code.")


if os.path.exists(f"{home}/fails"):
    sys.exit("Failed to connect to bus: No medium found")
if verb == "show":
    for unit in units:
        if "--property=ActiveState" in flags:
            print("ActiveState=" + ("active" if pid(unit) else "inactive"))
        if "--property=UnitFileState" in flags:
            print("UnitFileState=" + ("enabled" if os.path.exists(f"{home}/enabled-{unit}") else "disabled"))
    if not units:
        print("Version=252")
elif verb == "enable":
    for unit in units:
        open(f"{home}/enabled-{unit}", "w").close()
elif verb == "disable":
    for unit in units:
        if os.path.exists(f"{home}/enabled-{unit}"):
            os.unlink(f"{home}/enabled-{unit}")
        if "--now" in flags:
            stop(unit)
elif verb == "is-enabled":
    print("enabled" if os.path.exists(f"{home}/enabled-{units[0]}") else "disabled")
elif verb == "restart":
    for unit in units:
        stop(unit)
        start(unit)
elif verb not in ("daemon-reload", "reset-failed"):
    sys.exit(f"Unknown command verb {verb}.")
