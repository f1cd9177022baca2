"""Listens where tables of ports have to look twice: listeners.py BINARY FIRST-PORT.

Prints `ports --json`, a form feed, and `ports`. The network has to be one of its own.
"""

import socket
import subprocess
import sys

binary, first = sys.argv[1], int(sys.argv[2])
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
# An address of the documentation's network (RFC 5737).
subprocess.run(["ip", "address", "add", "198.51.100.1/32", "dev", "lo"], check=True)

held = [
    socket.create_server(("198.51.100.1", first)),
    socket.create_server(("127.0.0.1", 6379)),
    socket.create_server(("127.0.0.1", 5561)),
]
for family, address, port in [
    (socket.AF_INET, "127.0.0.1", first + 1),
    (socket.AF_INET6, "::1", first + 3),
]:
    datagrams = socket.socket(family, socket.SOCK_DGRAM)
    datagrams.bind((address, port))
    held.append(datagrams)

table = subprocess.run([binary, "ports", "--json"], check=True, stdout=subprocess.PIPE).stdout
text = subprocess.run([binary, "ports"], check=True, stdout=subprocess.PIPE).stdout
sys.stdout.buffer.write(table + b"\f" + text)
