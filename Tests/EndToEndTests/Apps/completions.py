"""Completes calls of `portless` in a real shell: completions.py SHELL BINARY.

It runs beside an app called shop with the processes web and worker, a lease called blog with the
labels api and ui, and a folder of its own. Prints `passed`, or fails with what the shell showed.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

import pexpect

SHELL, BINARY = sys.argv[1:3]
HOSTILE = "evil$(touch ran)`touch ran`;touch ran"

# What is typed before Tab, and what then stands there.
CASES = [
    ("portless doct", "portless doctor"),
    ("portless ports rel", "portless ports release"),
    ("portless list --js", "portless list --json"),
    ("portless env --format she", "portless env --format shell"),
    ("portless apps set shop --start on", "portless apps set shop --start on-request"),
    ("portless get sh", "portless get shop"),
    ("portless logs wor", "portless logs worker"),
    ("portless up sh", "portless up shop"),
    ("portless ports lease blog a", "portless ports lease blog api"),
    ("portless completions fi", "portless completions fish"),
    ("portless help jo", "portless help jobs"),
    ("portless sho", "portless shop"),
    ("portless myapp --forc", "portless myapp --force"),
    ("portless myapp chosen-pro", "portless myapp chosen-program"),
    ("portless myapp cat plai", "portless myapp cat plain.txt"),
    ("portless run cat plai", "portless run cat plain.txt"),
    ("portless env --write plai", "portless env --write plain.txt"),
]


class Typed:
    """A shell in a terminal, whose line editor completes."""

    def __init__(self, command, setup):
        self.terminal = pexpect.spawn(
            command[0],
            command[1:],
            env=dict(os.environ, TERM="dumb", HISTFILE="/dev/null"),
            timeout=30,
            encoding="utf-8",
            dimensions=(50, 500),
        )
        self.terminal.sendline(setup)
        self.terminal.expect_exact("READY> ")

    def complete(self, line):
        # Ctrl-A goes to the beginning, and what echo then prints are the words as the shell has them.
        self.terminal.send(f"{line}\t\x01echo '<<'\"<\" \x05 '>>'\">\"\r")
        self.terminal.expect(r"<<< (.*?) +>>>")
        result = self.terminal.match.group(1)
        self.terminal.expect_exact("READY> ")
        return result.strip()


class Fish:
    """Asked by its own command for what Tab would offer."""

    def __init__(self):
        self.script = f"{BINARY} completions fish | source; complete -C $argv[1]"

    def complete(self, line):
        result = subprocess.run(
            ["fish", "--no-config", "-c", self.script, line],
            capture_output=True, text=True, timeout=30, check=True,
        )
        assert not result.stderr, result.stderr
        offered = [row.split("\t")[0] for row in result.stdout.splitlines()]
        assert len(offered) == 1, f"{line}: {offered}"
        return " ".join(line.split(" ")[:-1] + offered)


def shell():
    if SHELL == "bash":
        return Typed(
            ["bash", "--norc", "--noprofile"],
            "bind 'set enable-bracketed-paste off'; stty -echo; "
            "source <(portless completions bash); PS1='READ''Y> '",
        )
    if SHELL == "zsh":
        return Typed(
            ["zsh", "-f"],
            "autoload -Uz compinit; compinit -u -D; bindkey -e; bindkey '^I' complete-word; unsetopt zle_bracketed_paste; "
            "source <(portless completions zsh); PROMPT='READ''Y> '; RPROMPT=; unsetopt prompt_sp",
        )
    return Fish()


folder = os.path.realpath(tempfile.mkdtemp(dir=os.getcwd()))
os.mkdir(f"{folder}/bin")
os.mkdir(f"{folder}/here")
os.symlink(BINARY, f"{folder}/bin/portless")
with open(f"{folder}/bin/chosen-program", "w", encoding="utf-8") as file:
    file.write("#!/bin/sh\n")
os.chmod(f"{folder}/bin/chosen-program", 0o755)
os.environ["PATH"] = f"{folder}/bin:{os.environ['PATH']}"
os.chdir(f"{folder}/here")
for name in ["plain.txt", HOSTILE]:
    open(name, "w", encoding="utf-8").close()

world = shell()
wrong = []
for line, expected in CASES:
    found = world.complete(line)
    if found != expected:
        wrong.append(f"{line!r} became {found!r}")
# A file that is called like a command is text, both while it is looked for and once it is there.
for line in ["portless myapp cat evi", "portless env --write evi"]:
    found = world.complete(line)
    if HOSTILE.replace("\\", "") not in re.sub(r"\\(.)", r"\1", found):
        wrong.append(f"{line!r} became {found!r}")
# What is typed isn't run before Enter; zsh's usual Tab expands it by itself, and this one doesn't.
if SHELL == "fish":
    for line in ["portless myapp cat (touch ran)", "portless get (touch ran)"]:
        subprocess.run(["fish", "--no-config", "-c", world.script, line], timeout=30, check=False)
else:
    for line in ["get $(touch ran)", "myapp cat `touch ran`", "'a;touch ran"]:
        line = f"portless {line}"
        world.terminal.send(f"{line}\t\x15\r")
        world.terminal.expect_exact("READY> ")
if os.path.exists("ran"):
    wrong.append("a completion ran a command")
shutil.rmtree(folder)
assert not wrong, "\n".join(wrong)
print("passed")
