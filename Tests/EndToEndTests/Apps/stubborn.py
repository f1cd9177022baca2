"""A listener that answers nothing: stubborn.py PORT [ignore]; with `ignore` SIGTERM doesn't end it."""

import signal
import socket
import sys

# The process that runs the tests may have blocked it.
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
if "ignore" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listening", flush=True)
connections = []
while True:
    connections.append(server.accept())
