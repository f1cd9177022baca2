"""A server that takes its time: it listens on PORT after LISTEN_AFTER seconds, answers with 503 until
READY_AFTER seconds have passed, then with 200 to /healthz and with its PID to the rest."""

import http.server
import os
import time

began = time.monotonic()
ready_after = float(os.environ.get("READY_AFTER", "0"))


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        warm = time.monotonic() - began >= ready_after
        body = str(os.getpid()).encode() if warm else b"warming up"
        self.send_response(200 if warm else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


print("starting", flush=True)
time.sleep(float(os.environ.get("LISTEN_AFTER", "0")))
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler)
print("listening", flush=True)
server.serve_forever()
