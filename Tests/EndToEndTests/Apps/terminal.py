"""Drives `portless` in a pseudo-terminal: terminal.py CASE BINARY APPS.

Every case prints `passed`, or fails with what the terminal showed.
"""

import os
import re
import signal
import sys
import termios
import time

import pexpect

CASE, BINARY, APPS = sys.argv[1:4]
ENVIRONMENT = dict(os.environ, PS1="$ ", TERM="xterm", HISTFILE="/dev/null")
APP = f"{APPS}/keys.js"


def shell():
    terminal = pexpect.spawn(
        "/bin/bash", ["--norc", "--noprofile"], env=ENVIRONMENT, timeout=30, encoding="utf-8"
    )
    terminal.sendline("PS1='READ''Y> '; bind 'set enable-bracketed-paste off'; stty -echo")
    prompt(terminal)
    terminal.sendline("")
    prompt(terminal)
    return terminal


def prompt(terminal):
    terminal.expect_exact("READY> ")


def until(what, condition, limit=20):
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.02)


def status(terminal):
    terminal.sendline("echo code=$?.")
    terminal.expect(r"code=(\d+)\.")
    code = int(terminal.match.group(1))
    prompt(terminal)
    return code


def modes(terminal):
    attributes = termios.tcgetattr(terminal.child_fd)
    return attributes[3] & (termios.ICANON | termios.ECHO | termios.ISIG)


def ctrl_c(terminal):
    """Ctrl-C reaches the app once, which ends in its own way; its code is passed on."""
    terminal.sendline(f"{BINARY} keys node {APP}")
    terminal.expect_exact("listening")
    terminal.sendcontrol("c")
    terminal.expect_exact("app: SIGINT 1")
    prompt(terminal)
    assert status(terminal) == 7


def ctrl_c_default(terminal):
    """An app without a handler dies of the signal: 130, as without us."""
    terminal.sendline(f"{BINARY} keys sleep 1000")
    terminal.expect_exact("-> ")
    until_foreground(terminal, "sleep")
    terminal.sendcontrol("c")
    prompt(terminal)
    assert status(terminal) == 130


STUBBORN = (
    "process.on('SIGINT', () => {}); process.on('SIGTERM', () => {});"
    "setInterval(() => {}, 1000); console.log('listen' + 'ing')"
)


def ctrl_c_ignored(terminal):
    """An app that ignores Ctrl-C ends all the same: after a time, or at the third press."""
    terminal.sendline(f'{BINARY} --kill-timeout 2 keys node -e "{STUBBORN}"')
    terminal.expect_exact("listening\r\n")
    terminal.sendcontrol("c")
    prompt(terminal)
    assert status(terminal) == 130
    terminal.sendline(f'{BINARY} --kill-timeout 3600 keys node -e "{STUBBORN}"')
    terminal.expect_exact("listening\r\n")
    for _ in range(3):
        terminal.sendcontrol("c")
        time.sleep(0.7)
    prompt(terminal)
    assert status(terminal) == 130


def nested(terminal):
    """A run below a run has the keyboard."""
    terminal.sendline(f"{BINARY} outer {BINARY} keys node {APP}")
    terminal.expect_exact("listening")
    terminal.sendcontrol("c")
    terminal.expect_exact("app: SIGINT 1")
    prompt(terminal)
    assert status(terminal) == 7


def foreground(terminal):
    return os.tcgetpgrp(terminal.child_fd)


def command_of(pid):
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
            return file.read().replace("\0", " ")
    except OSError:
        return ""


def is_stopped(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[0] == "T"


def until_foreground(terminal, word):
    """A job that `fg` brings back has the terminal first and runs a moment later; a Ctrl-Z in
    between is lost, under any shell, for the continue signal takes pending stops away."""
    until(
        f"{word} runs in the foreground, not {command_of(foreground(terminal))}",
        lambda: word in command_of(foreground(terminal)) and not is_stopped(foreground(terminal)),
    )


def suspend(terminal):
    """Ctrl-Z stops the whole job; fg brings back the app and its keys."""
    terminal.sendline(f"{BINARY} keys node {APP}")
    terminal.expect_exact("listening")
    terminal.sendcontrol("z")
    terminal.expect("Stopped")
    prompt(terminal)
    terminal.sendline("fg")
    until_foreground(terminal, "node")
    terminal.sendcontrol("c")
    terminal.expect_exact("app: SIGINT 1")
    prompt(terminal)
    assert status(terminal) == 7


def suspend_twice(terminal):
    terminal.sendline(f"{BINARY} keys node {APP}")
    terminal.expect_exact("listening")
    for _ in range(2):
        terminal.sendcontrol("z")
        terminal.expect("Stopped")
        prompt(terminal)
        terminal.sendline("fg")
        until_foreground(terminal, "node")
    terminal.sendcontrol("c")
    prompt(terminal)
    assert status(terminal) == 7


def raw_keys(terminal):
    """A dev server that reads single keys in raw mode gets them, and the modes come back."""
    before = modes(terminal)
    terminal.sendline(f"{BINARY} keys node {APP} raw")
    terminal.expect_exact("listening")
    terminal.send("r")
    terminal.expect_exact("key: 72")
    terminal.send("\x03")
    terminal.expect_exact("key: 3")
    terminal.send("q")
    prompt(terminal)
    assert status(terminal) == 0
    assert modes(terminal) == before, "terminal modes differ"


def raw_killed(terminal):
    """An app that is killed while the terminal is raw leaves a sane terminal behind."""
    before = modes(terminal)
    terminal.sendline(f"{BINARY} keys node {APP} raw")
    terminal.expect_exact("listening")
    terminal.expect(r"pid (\d+)\.")
    os.kill(int(terminal.match.group(1)), signal.SIGKILL)
    prompt(terminal)
    assert modes(terminal) == before, "terminal modes differ"
    assert status(terminal) == 137


def background(terminal):
    """With `&` the shell keeps the terminal; fg hands it over."""
    terminal.sendline(f"{BINARY} keys node {APP} &")
    prompt(terminal)
    terminal.expect_exact("listening")
    assert command_of(foreground(terminal)).startswith("/bin/bash")
    terminal.sendline("fg")
    terminal.expect_exact("keys")
    until_foreground(terminal, "node")
    terminal.sendcontrol("c")
    terminal.expect_exact("app: SIGINT 1")
    prompt(terminal)
    assert status(terminal) == 7


def pipe(terminal):
    """`… | cat` shares the terminal's foreground with cat; Ctrl-C ends both."""
    terminal.sendline(f"{BINARY} keys node {APP} | cat")
    terminal.expect_exact("listening")
    terminal.sendcontrol("c")
    terminal.expect_exact("app: SIGINT 1")
    prompt(terminal)
    terminal.sendline("echo alive")
    terminal.expect_exact("alive")


def npm(terminal):
    """Under `npm run` (a shell between us and the terminal) Ctrl-C still ends everything."""
    with open("package.json", "w", encoding="utf-8") as file:
        file.write('{"name": "nested", "scripts": {"dev": "%s keys node %s"}}' % (BINARY, APP))
    terminal.sendline("npm run dev")
    terminal.expect_exact("listening")
    terminal.sendcontrol("c")
    terminal.expect_exact("app: SIGINT 1")
    prompt(terminal)
    terminal.sendline("echo alive")
    terminal.expect_exact("alive")


def side_by_side(terminal):
    """Several apps end together at one Ctrl-C, stop at Ctrl-Z and go on with fg."""
    with open("Procfile", "w", encoding="utf-8") as file:
        file.write(f"web: exec node {APP}\nadmin: echo on $PORT; exec node {APP}\n")
    terminal.sendline(BINARY)
    terminal.expect("pid [0-9]+")
    terminal.expect("pid [0-9]+")
    terminal.sendcontrol("z")
    terminal.expect("Stopped")
    prompt(terminal)
    terminal.sendline("fg")
    until_foreground(terminal, BINARY)
    terminal.sendcontrol("c")
    prompt(terminal)
    assert status(terminal) == 0


def hangup(terminal):
    """A closed terminal ends the app."""
    terminal.sendline(f"{BINARY} keys node {APP}")
    terminal.expect(r"pid (\d+)\.")
    pid = int(terminal.match.group(1))
    terminal.close(force=True)
    until("the app ends", lambda: command_of(pid) == "")


def reads_lines(terminal):
    """An app that reads lines from the terminal gets them, and the end of input."""
    terminal.sendline(f"{BINARY} keys python3 -c 'print(\"got \" + input().upper())'")
    terminal.expect_exact("-> ")
    until_foreground(terminal, "python3")
    terminal.sendline("hello")
    terminal.expect_exact("got HELLO")
    prompt(terminal)
    assert status(terminal) == 0


def ports_kill(terminal):
    """The listener is shown, and ended once the user says yes; the port stands for APPS."""
    terminal.sendline(f"{BINARY} ports kill {APPS}")
    terminal.expect_exact(f"listens on port {APPS}")
    terminal.expect_exact("? [y/N] ")
    terminal.sendline("")
    terminal.expect_exact("Nothing was ended.")
    assert status(terminal) == 1
    terminal.sendline(f"{BINARY} ports kill {APPS}")
    terminal.expect_exact("? [y/N] ")
    terminal.sendline("y")
    terminal.expect_exact("Ended python3")
    assert status(terminal) == 0


def hidden_password(terminal):
    """A password isn't shown while it is typed, and the terminal is as it was afterwards."""
    terminal.sendline(f"{BINARY} alias hidden 4999")
    prompt(terminal)
    ask = f"stty echo; {BINARY} share hidden --cloudflare --password-file -"
    terminal.sendline(ask)
    terminal.expect_exact("The password (it isn't shown):")
    until("the echo is off", lambda: not modes(terminal) & termios.ECHO)
    terminal.sendcontrol("c")
    prompt(terminal)
    terminal.sendline(ask)
    terminal.expect_exact("The password (it isn't shown):")
    until("the echo is off", lambda: not modes(terminal) & termios.ECHO)
    terminal.sendline("s3sam")
    terminal.expect_exact("has to have 6 to 256 characters")
    assert "s3sam" not in terminal.before
    prompt(terminal)
    terminal.sendline("stty")
    terminal.expect_exact("speed")
    prompt(terminal)
    assert not re.search(r"-echo\b", terminal.before)
    terminal.sendline(f"{BINARY} alias --remove hidden; stty -echo")
    prompt(terminal)


CASES = {
    "ctrl-c": ctrl_c,
    "ctrl-c-default": ctrl_c_default,
    "ctrl-c-ignored": ctrl_c_ignored,
    "nested": nested,
    "suspend": suspend,
    "suspend-twice": suspend_twice,
    "raw-keys": raw_keys,
    "raw-killed": raw_killed,
    "background": background,
    "pipe": pipe,
    "npm": npm,
    "side-by-side": side_by_side,
    "hangup": hangup,
    "reads-lines": reads_lines,
    "ports-kill": ports_kill,
    "hidden-password": hidden_password,
}

terminal = shell()
try:
    CASES[CASE](terminal)
except Exception:
    print("the terminal showed:", re.sub(r"\x1b\[[0-9;]*m", "", terminal.before or ""))
    raise
finally:
    if not terminal.closed:
        terminal.close(force=True)
print("passed")
