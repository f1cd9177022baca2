"""Runs a command with no input in each way: no-input.py PROGRAM ARGUMENTS…

At a pseudo-terminal with --no-input, at one with PORTLESS_NO_INPUT=1, and with /dev/null. Each has to
end by itself; a line for each tells its code, then what it said.
"""

import os
import pty
import select
import signal
import subprocess
import sys
import time

program, *arguments = sys.argv[1:]
LIMIT = 30


def at_terminal(command, environment):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(command[0], command, environment)
    output, end = b"", time.monotonic() + LIMIT
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        output += part
    else:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return "hangs", output.decode()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), output.decode()


environment = dict(os.environ)
results = [
    at_terminal([program, "--no-input", *arguments], environment),
    at_terminal([program, *arguments], {**environment, "PORTLESS_NO_INPUT": "1"}),
]
try:
    done = subprocess.run(
        [program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT
    )
    results.append((done.returncode, done.stdout + done.stderr))
except subprocess.TimeoutExpired as late:
    results.append(("hangs", str(late)))
for code, output in results:
    print(f"code {code}")
    print(output)
