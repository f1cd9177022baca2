#!/usr/bin/env python3
"""ngrok as far as sharing uses it; its log's lines are those of version 3.

`ngrok-mood` in FAKE_SHARING says what goes wrong: `no-token`, `offline`, `broken`, or `slow`. While
it runs, what it was told is in `ngrok-arguments`.
"""
import os
import signal
import sys
import time

folder = os.environ["FAKE_SHARING"]


def mood():
    try:
        with open(f"{folder}/ngrok-mood") as file:
            return file.read().strip()
    except OSError:
        return ""


def say(line):
    print(f"t=2026-11-28T22:00:00+0000 {line}", flush=True)


if sys.argv[1] == "version":
    if mood() == "broken":
        sys.exit("ngrok: cannot execute")
    print("ngrok version 3.19.0")
    sys.exit()

with open(f"{folder}/ngrok-arguments", "w") as file:
    file.write("\n".join(sys.argv[1:]))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
say('lvl=info msg="open config file" path=/home/me/.config/ngrok/ngrok.yml err=nil')
say('lvl=info msg="starting web service" obj=web addr=127.0.0.1:4040 allow_hosts=[]')
if mood() == "no-token":
    error = (
        "authentication failed: Usage of ngrok requires a verified account and authtoken.\\n\\n"
        "Sign up for an account: https://dashboard.ngrok.com/signup\\n\\nERR_NGROK_4018\\n"
    )
    say(f'lvl=eror msg="failed to auth" obj=tunnels.session err="{error}"')
    say(f'lvl=eror msg="session closing" obj=tunnels.session err="{error}"')
    print(f"ERROR:  {error.split(chr(92))[0]}", flush=True)
    sys.exit(1)
if mood() == "offline":
    while True:
        say(
            'lvl=eror msg="failed to reconnect session" obj=tunnels.session '
            'err="failed to dial ngrok server: dial tcp: lookup connect.ngrok-agent.com: no such host"'
        )
        time.sleep(1)
if mood() == "slow":
    time.sleep(7)
say('lvl=info msg="client session established" obj=tunnels.session')
say(
    'lvl=info msg="started tunnel" obj=tunnels name=command_line '
    f'addr={sys.argv[-1]} url=https://1f2e-203-0-113-7.ngrok-free.app'
)
while True:
    # More than a pipe holds, so that it would stop without a reader.
    say('lvl=info msg="join connections" obj=join id=1a2b l=127.0.0.1:4123 r=203.0.113.7:5555' * 20)
    time.sleep(0.05)
