"""Opens many event streams at once and says what became of them.

usage: subscribers.py PORT COUNT

Prints a line when all are connected, waits for a line on standard input, prints how many have had
the event "routes", and stays connected until another line comes.
"""

import resource
import selectors
import socket
import sys
import time

port, count = (int(argument) for argument in sys.argv[1:])
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
request = b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n"


def connect():
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(request)
    return client


clients = {connect(): b"" for _ in range(count)}


def read_until(marker, limit):
    """How many clients have received the marker before the limit in seconds has passed."""
    chooser = selectors.DefaultSelector()
    seen = {client for client in clients if marker in clients[client]}
    waiting = set(clients) - seen
    for client in waiting:
        chooser.register(client, selectors.EVENT_READ)
    end = time.monotonic() + limit
    while waiting and time.monotonic() < end:
        for key, _ in chooser.select(0.5):
            client = key.fileobj
            data = client.recv(65536)
            text = clients[client] + data
            # The end is enough for a marker that comes in two pieces.
            clients[client] = text[-4096:]
            if marker in text:
                seen.add(client)
            if marker in text or not data:
                chooser.unregister(client)
                waiting.discard(client)
    return len(seen)


print("connected", read_until(b"event: connected", 60), flush=True)
sys.stdin.readline()
print("events", read_until(b"event: routes", 60), flush=True)
sys.stdin.readline()
