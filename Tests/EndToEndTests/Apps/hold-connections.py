"""Opens COUNT connections to PORT, sends half a request on each, and holds them until killed."""

import resource
import signal
import socket
import sys

resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
port, count = int(sys.argv[1]), int(sys.argv[2])
held = []
for _ in range(count):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(b"GET / HTTP/1.1\r\n")
    held.append(connection)
print("held", flush=True)
signal.pause()
