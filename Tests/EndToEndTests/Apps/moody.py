"""A server on PORT that answers /healthz as the file MOOD says (200 where it isn't there), and everything
else with "fine"."""

import http.server
import os
import pathlib


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        mood = pathlib.Path(os.environ.get("MOOD", "mood"))
        status = 200
        if self.path == "/healthz" and mood.exists():
            status = int(mood.read_text().strip() or "500")
        body = b"fine"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
