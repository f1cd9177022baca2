"""HTTPS servers of strangers on 127.0.0.1: `tls-strangers.py STATE PORT PORT`.

The first has a certificate of its own making; the second one sends our authority's certificate along
with it, as everyone can. Prints "request PORT" for each request that a client sends.
"""

import http.server
import pathlib
import ssl
import subprocess
import sys
import tempfile
import threading

state, *ports = sys.argv[1:]
folder = pathlib.Path(tempfile.mkdtemp(dir=state))
subprocess.run(
    ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=stranger",
     "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "own.pem"],
    check=True, stderr=subprocess.DEVNULL,
)
own = (folder / "own.pem").read_text()
(folder / "with-ours.pem").write_text(own + (pathlib.Path(state) / "ca.pem").read_text())


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print("request", self.server.server_port, flush=True)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments):
        pass


for port, chain in zip(ports, ["own.pem", "with-ours.pem"]):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / chain, folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
print("ready", flush=True)
threading.Event().wait()
