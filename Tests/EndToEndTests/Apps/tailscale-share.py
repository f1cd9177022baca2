#!/usr/bin/env python3
"""Tailscale as far as sharing asks it: its configuration is `serve.json` in FAKE_SHARING.

`tailscale-mood` says what goes wrong: `stopped`, `no-https`, `no-funnel`, `denied`, `hangs`, or
`taken`, where the first port that is asked for is in use although the status doesn't tell.
"""
import json
import os
import sys
import time

folder = os.environ["FAKE_SHARING"]
name = "box.tail1234.ts.net"


def text(file):
    try:
        with open(f"{folder}/{file}") as opened:
            return opened.read().strip()
    except OSError:
        return ""


mood = text("tailscale-mood")
with open(f"{folder}/tailscale-calls", "a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\n")


def configuration():
    return json.loads(text("serve.json") or "{}")


def save(value):
    with open(f"{folder}/serve.json.new", "w") as opened:
        json.dump(value, opened)
    os.rename(f"{folder}/serve.json.new", f"{folder}/serve.json")


arguments = sys.argv[1:]
if arguments == ["version"]:
    print("1.80.3\n  tailscale commit: abc\n  go version: go1.23.6")
    sys.exit()
if arguments == ["status", "--json"]:
    if mood == "stopped":
        print('{"BackendState":"Stopped","Self":{"DNSName":""}}')
        sys.exit(1)
    capabilities = {} if mood == "no-https" else {"https": None}
    if mood != "no-funnel":
        capabilities["https://tailscale.com/cap/funnel"] = None
    print(json.dumps({
        "BackendState": "Running",
        "Self": {"ID": "n1234CNTRL", "DNSName": name + ".", "CapMap": capabilities},
    }))
    sys.exit()
if arguments == ["serve", "status", "--json"]:
    print(json.dumps(configuration()) if text("serve.json") else "null")
    sys.exit()

verb = arguments[0]
port = next(word for word in arguments if word.startswith("--https=")).split("=")[1]
if mood == "hangs":
    time.sleep(1000)
if mood == "denied":
    sys.exit(
        "sending serve config: Access denied: serve config denied\n\n"
        "Use 'sudo tailscale serve --bg 3000'.\n"
        "To not require root, use 'sudo tailscale set --operator=$USER' once."
    )
value = configuration()
if arguments[-1] == "off":
    if port not in value.get("TCP", {}):
        sys.exit("error: failed to remove web serve: error: handler does not exist")
    del value["TCP"][port]
    del value["Web"][f"{name}:{port}"]
    value.get("AllowFunnel", {}).pop(f"{name}:{port}", None)
    save(value)
    sys.exit()
if mood == "taken" and port == "443":
    sys.exit("error: port 443 is already in use")
value.setdefault("TCP", {})[port] = {"HTTPS": True}
value.setdefault("Web", {})[f"{name}:{port}"] = {"Handlers": {"/": {"Proxy": arguments[-1]}}}
if verb == "funnel":
    value.setdefault("AllowFunnel", {})[f"{name}:{port}"] = True
save(value)
print(f"Available within your tailnet:\n\nhttps://{name}/\n|-- proxy {arguments[-1]}")
