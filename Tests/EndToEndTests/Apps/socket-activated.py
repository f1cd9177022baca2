"""The proxy on sockets of systemd's: STATE PORT PORTLESS, prints passed.

systemd-socket-activate listens, and becomes the program at the first connection.
"""

import json
import os
import signal
import subprocess
import sys
import time

state, port, program = sys.argv[1:]
signal.pthread_sigmask(signal.SIG_SETMASK, [])
variables = {"PORTLESS_STATE_DIR": state, "HOME": os.environ["HOME"], "PATH": os.environ["PATH"]}
words = ["systemd-socket-activate", "-l", f"127.0.0.1:{port}", "-l", f"[::1]:{port}"]
for name, value in variables.items():
    words += ["-E", f"{name}={value}"]
words += [program, "proxy", "start", "--foreground", "--port", port, "--no-tls"]
log = open(f"{os.environ['HOME']}/activated.log", "w+")


def fail(what):
    log.seek(0)
    proxy.kill()
    sys.exit(f"{what}\n{log.read()}")


def answers(host):
    command = ["curl", "-sS", "-m", "20", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}"]
    result = subprocess.run(command + [f"http://{host}:{port}/"], capture_output=True, text=True)
    if result.stdout != "404":
        fail(f"{host}: {result}")


def eventually(what, condition):
    for _ in range(200):
        try:
            value = condition()
        except (OSError, ValueError):
            value = None
        if value:
            return value
        time.sleep(0.1)
    fail(what)


def daemon():
    return json.load(open(f"{state}/proxy.json"))["daemon"]


proxy = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
eventually("it listens", lambda: "[::1]" in open(log.name).read())
answers("127.0.0.1")
answers("[::1]")
eventually("the holder has the activator's place", lambda: int(open(f"{state}/proxy.pid").read()) == proxy.pid)
first = eventually("a daemon", daemon)
os.kill(first, signal.SIGKILL)
answers("127.0.0.1")
eventually("another daemon", lambda: daemon() != first)
if subprocess.run([program, "proxy", "restart"], env=os.environ | variables).returncode:
    fail("restart")
answers("[::1]")
proxy.terminate()
try:
    code = proxy.wait(20)
except subprocess.TimeoutExpired:
    fail("it doesn't end")
if code or os.path.exists(f"{state}/proxy.pid"):
    fail(f"it ended with {code}")
print("passed")
