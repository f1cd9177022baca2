"""Asks URL again and again until the file STOP exists: on fresh connections and on a kept one.

Prints how many answers were whole and right, and each failure. The only trusted root is AUTHORITY.
"""

import http.client
import os
import socket
import ssl
import sys
from urllib.parse import urlsplit

url, authority, stop = urlsplit(sys.argv[1]), sys.argv[2], sys.argv[3]
context = ssl.create_default_context(cafile=authority)
real = socket.getaddrinfo
# Python's resolver doesn't know that names under localhost are this machine.
socket.getaddrinfo = lambda host, *rest, **more: real("127.0.0.1", *rest, **more)


def ask(connection):
    connection.request("GET", url.path)
    response = connection.getresponse()
    body = response.read()
    if response.status != 200 or not body:
        raise RuntimeError(f"{response.status} {body[:80]}")


def connect():
    return http.client.HTTPSConnection(url.hostname, url.port, context=context, timeout=30)


kept = connect()
count = 0
failures = []
print("begun", flush=True)
while not os.path.exists(stop):
    for kind in ["kept", "fresh"]:
        try:
            if kind == "kept":
                # It reconnects by itself once an answer has said that the connection ends.
                ask(kept)
            else:
                fresh = connect()
                ask(fresh)
                fresh.close()
            count += 1
        except Exception as error:
            failures.append(f"{kind}: {error!r}")
print(f"answers {count > 0} failures {failures}")
