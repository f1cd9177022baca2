"""Speaks to a TCP name by TLS: tls-client.py NAME PORT CA TEXT; `--postgres` asks for TLS first."""
import socket
import ssl
import sys

name, port, authority, text = sys.argv[1:5]
connection = socket.create_connection(("127.0.0.1", int(port)), timeout=20)
if "--postgres" in sys.argv:
    connection.sendall(bytes([0, 0, 0, 8, 4, 210, 22, 47]))
    assert connection.recv(1) == b"S"
context = ssl.create_default_context(cafile=authority)
with context.wrap_socket(connection, server_hostname=name) as secure:
    secure.sendall(text.encode())
    answer = b""
    while part := secure.recv(65536):
        answer += part
        if b"\n" in part:
            break
    sys.stdout.write(answer.decode(errors="replace"))
