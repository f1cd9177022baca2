"""The proxies that are compared, and the app behind them, each started with one worker."""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

import processes

NAME = "app.localhost"
PROXY_CORE = 0
APP_CORE = 1


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port, process, log):
    for _ in range(500):
        if process.poll() is not None:
            raise SystemExit(f"{process.args[0]} ended:\n{log.read_text()}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"{process.args[0]} does not listen on {port}")


class Server:
    """A program that runs in a folder of its own, on one core, until it is stopped."""

    core = PROXY_CORE

    def __init__(self, folder):
        self.folder = pathlib.Path(folder) / self.name
        self.folder.mkdir()
        self.environment = dict(os.environ, HOME=str(self.folder))
        self.running = []

    def launch(self, command, port):
        path = self.folder / "log"
        with open(path, "ab") as log:
            process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                env=self.environment,
                preexec_fn=processes.pinned(self.core),
            )
        self.running.append(process)
        wait_for(port, process, path)
        return process.pid

    def stop(self):
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait()
        self.running.clear()

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)


class Proxy(Server):
    """Serves one name in plain text and behind TLS, h1 and h2; `pid` maps port to process."""

    def start(self, app_port, certificate):
        self.plain, self.secure = free_port(), free_port()
        self.app_port, self.certificate = app_port, certificate
        self.pids = self.serve()

    @classmethod
    def is_installed(cls):
        return shutil.which(cls.name) is not None


class App(Server):
    """nginx that answers from memory and from a file of 1 MiB, or its stand-in."""

    name = "app"
    core = APP_CORE

    def start(self):
        self.port = free_port()
        if not shutil.which("nginx"):
            # Only its bytes matter where instructions are counted.
            stand_in = pathlib.Path(__file__).with_name("app.py")
            self.launch([sys.executable, str(stand_in), str(self.port)], self.port)
            return
        (self.folder / "big").write_bytes(bytes(2**20))
        config = self.write(
            "nginx.conf",
            f"""
            daemon off; worker_processes 1; pid {self.folder}/pid; error_log stderr warn;
            events {{ worker_connections 8192; }}
            http {{
                access_log off; keepalive_requests 1000000000; default_type text/plain;
                sendfile on; tcp_nodelay on;
                server {{
                    listen 127.0.0.1:{self.port} backlog=4096;
                    root {self.folder};
                    location = / {{ return 200 "Hello, world!"; }}
                }}
            }}
            """,
        )
        self.launch(["nginx", "-p", str(self.folder), "-c", config], self.port)


class Nginx(Proxy):
    name = "nginx"

    def serve(self):
        config = self.write(
            "nginx.conf",
            f"""
            daemon off; worker_processes 1; pid {self.folder}/pid; error_log stderr warn;
            events {{ worker_connections 8192; }}
            http {{
                access_log off; keepalive_requests 1000000000; tcp_nodelay on;
                client_body_temp_path {self.folder}/b; proxy_temp_path {self.folder}/t;
                ssl_certificate {self.certificate}.pem; ssl_certificate_key {self.certificate}.key;
                upstream app {{
                    server 127.0.0.1:{self.app_port};
                    keepalive 512; keepalive_requests 1000000000;
                }}
                server {{
                    listen 127.0.0.1:{self.plain} backlog=4096;
                    listen 127.0.0.1:{self.secure} ssl http2 backlog=4096;
                    server_name {NAME} 127.0.0.1;
                    location / {{
                        proxy_pass http://app; proxy_http_version 1.1;
                        proxy_set_header Connection ""; proxy_set_header Host $http_host;
                        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                        proxy_set_header X-Forwarded-Proto $scheme;
                        proxy_set_header X-Forwarded-Host $http_host;
                        proxy_set_header X-Forwarded-Port $server_port;
                    }}
                }}
            }}
            """,
        )
        pid = self.launch(["nginx", "-p", str(self.folder), "-c", config], self.plain)
        return {self.plain: pid, self.secure: pid}


class HAProxy(Proxy):
    name = "haproxy"

    def serve(self):
        joined = self.write(
            "certificate.pem",
            pathlib.Path(f"{self.certificate}.pem").read_text()
            + pathlib.Path(f"{self.certificate}.key").read_text(),
        )
        config = self.write(
            "haproxy.cfg",
            f"""
global
    nbthread 1
    maxconn 8192
defaults
    mode http
    option forwardfor
    http-reuse always
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend names
    bind 127.0.0.1:{self.plain}
    bind 127.0.0.1:{self.secure} ssl crt {joined} alpn h2,http/1.1
    http-request set-header X-Forwarded-Proto http if !{{ ssl_fc }}
    http-request set-header X-Forwarded-Proto https if {{ ssl_fc }}
    http-request set-header X-Forwarded-Host %[req.hdr(host)]
    use_backend app if {{ hdr(host),host_only {NAME} 127.0.0.1 }}
backend app
    server app 127.0.0.1:{self.app_port} pool-max-conn 512
""",
        )
        pid = self.launch(["haproxy", "-db", "-f", config], self.plain)
        return {self.plain: pid, self.secure: pid}


class Caddy(Proxy):
    name = "caddy"

    def serve(self):
        self.environment["GOMAXPROCS"] = "1"
        config = self.write(
            "Caddyfile",
            f"""
{{
    admin off
    auto_https off
}}
http://{NAME}:{self.plain}, http://127.0.0.1:{self.plain} {{
    reverse_proxy 127.0.0.1:{self.app_port}
}}
https://{NAME}:{self.secure}, https://127.0.0.1:{self.secure} {{
    tls {self.certificate}.pem {self.certificate}.key
    reverse_proxy 127.0.0.1:{self.app_port}
}}
""",
        )
        command = ["caddy", "run", "--config", config, "--adapter", "caddyfile"]
        pid = self.launch(command, self.plain)
        return {self.plain: pid, self.secure: pid}


class Portless(Proxy):
    """Ours; one process with TLS and one without, since its TLS port redirects plain requests."""

    name = "portless"
    binary = None

    @classmethod
    def is_installed(cls):
        return True

    def state(self, folder):
        path = self.folder / folder
        path.mkdir(exist_ok=True)
        self.environment["PORTLESS_STATE_DIR"] = str(path)
        # The machine's own hosts file is none of a benchmark's business.
        self.environment["PORTLESS_SYNC_HOSTS"] = "0"
        return path

    def command(self, *arguments):
        subprocess.run(
            [self.binary, *arguments],
            env=self.environment,
            check=True,
            capture_output=True,
        )

    def serve(self):
        return {
            self.plain: self.serve_from("plain", self.plain, "--no-tls"),
            self.secure: self.serve_from("secure", self.secure, "--https"),
        }

    def serve_from(self, folder, port, *flags, under=()):
        self.state(folder)
        self.command("alias", NAME.removesuffix(".localhost"), str(self.app_port))
        start = ["proxy", "start", "--foreground", "-p", str(port), *flags]
        return self.launch([*under, self.binary, *start], port)


ALL = [Nginx, HAProxy, Caddy, Portless]


def make_certificate(folder):
    """A P-256 leaf and its CA, a chain as long as ours; returns the path without extension."""
    path = f"{folder}/leaf"

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]
    openssl("req", "-x509", *key, "-keyout", f"{path}-ca.key", "-out", f"{path}-ca.pem",
            "-subj", "/CN=Benchmark CA", "-days", "30")
    openssl("req", "-x509", *key, "-keyout", f"{path}.key", "-out", f"{path}-only.pem",
            "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-days", "30",
            "-CA", f"{path}-ca.pem", "-CAkey", f"{path}-ca.key")
    chain = [pathlib.Path(f"{path}{part}.pem").read_text() for part in ("-only", "-ca")]
    pathlib.Path(f"{path}.pem").write_text("".join(chain))
    return path
