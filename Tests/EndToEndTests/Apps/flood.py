"""Clients that ask for much and read nothing: `flood.py PORT NAME KIND COUNT`.

Opens COUNT connections to the plain-text proxy on PORT, floods each as KIND says (pipeline: HTTP/1
requests whose answers are never read; windows: 256 HTTP/2 streams whose windows are never widened;
unread: the same with windows as wide as can be, and nothing read from the socket; uploads: 256
HTTP/2 bodies for an app that takes none), says `held`, and holds them until it is killed.
"""

import resource
import selectors
import socket
import struct
import sys
import threading
import time

resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
port, name, kind, count = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])

DATA, HEADERS, SETTINGS, WINDOW_UPDATE = 0, 1, 4, 8
STREAMS = 256


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name, value):
    """A field that isn't indexed (RFC 7541 section 6.2.2)."""
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def request(stream, path, ends):
    fields = [(":method", "GET" if ends else "POST"), (":scheme", "http"), (":authority", name),
              (":path", path)]
    block = b"".join(literal(*field) for field in fields)
    return frame(HEADERS, 5 if ends else 4, stream, block)


def opening(window):
    setting = struct.pack(">HI", 4, window)
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0, setting) + frame(SETTINGS, 1, 0)


def flood(connection):
    if kind == "pipeline":
        get = f"GET /big HTTP/1.1\r\nHost: {name}\r\n\r\n".encode()
        connection.sendall(get * 20)
        return
    window = 0 if kind == "windows" else 2**31 - 1
    connection.sendall(opening(window if kind != "uploads" else 65535))
    if kind == "unread":
        connection.sendall(frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 2**31 - 1 - 65535)))
    ids = range(1, 2 * STREAMS, 2)
    for stream in ids:
        connection.sendall(request(stream, "/stuck" if kind == "uploads" else "/big", kind != "uploads"))
    if kind == "uploads":
        # As much as the stream's windows may admit; the session's may close before.
        part = bytes(16384)
        connection.settimeout(0.2)
        try:
            for stream in ids:
                for _ in range(16):
                    connection.sendall(frame(DATA, 0, stream, part))
        except OSError:
            pass
        connection.settimeout(None)


def drain(connections):
    """Reads what comes on the sockets, so that only the streams' windows are closed."""
    selector = selectors.DefaultSelector()
    for connection in connections:
        selector.register(connection, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            try:
                if not key.fileobj.recv(65536):
                    selector.unregister(key.fileobj)
            except OSError:
                selector.unregister(key.fileobj)


connections = []
for _ in range(count):
    connection = socket.create_connection(("127.0.0.1", port))
    connections.append(connection)
    try:
        flood(connection)
    except OSError:
        # The proxy may have closed it by then.
        pass
if kind in ("windows", "uploads"):
    threading.Thread(target=drain, args=(connections,), daemon=True).start()
print("held", flush=True)
while True:
    time.sleep(60)
