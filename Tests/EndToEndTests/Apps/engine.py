#!/usr/bin/env python3
"""An engine of containers: the parts of Docker's API that read, at the Unix socket of argv[1].

What it says is in the folder argv[2]: `containers.json` the list, `mood` what is wrong with it
(refuse, hang, garbage, cut, silent), `event` a line for the event streams, sent once at each change.
It writes each request's line to `asked`.
"""
import json, os, socketserver, sys, threading, time

PATH, FOLDER = sys.argv[1], sys.argv[2]


def read(name, default=""):
    try:
        with open(os.path.join(FOLDER, name)) as file:
            return file.read()
    except FileNotFoundError:
        return default


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        line = self.rfile.readline().decode()
        while self.rfile.readline() not in (b"\r\n", b""):
            pass
        with open(os.path.join(FOLDER, "asked"), "a") as file:
            file.write(line)
        mood = read("mood").strip()
        path = line.split(" ")[1].split("?")[0] if " " in line else ""
        if mood == "hang":
            time.sleep(600)
        elif mood == "refuse":
            self.answer(b'{"message":"no"}', "500 Internal Server Error")
        elif mood == "garbage":
            self.wfile.write(b"\x00\xff\x1b[2J garbage\r\n\r\n" * 100)
        elif path == "/containers/json":
            text = read("containers.json", "[]").encode()
            self.answer(text[: len(text) // 2] if mood == "cut" else text)
        elif path == "/networks":
            self.answer(read("networks.json", "[]").encode())
        elif path == "/events":
            self.events(mood)
        else:
            self.answer(b'{"message":"page not found"}', "404 Not Found")

    def answer(self, body, status="200 OK"):
        head = f"HTTP/1.1 {status}\r\nApi-Version: 1.47\r\nContent-Type: application/json\r\n"
        self.wfile.write((head + "Transfer-Encoding: chunked\r\n\r\n").encode())
        for start in range(0, len(body), 1000):
            self.chunk(body[start : start + 1000])
        self.wfile.write(b"0\r\n\r\n")

    def chunk(self, data):
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def events(self, mood):
        if mood == "silent":
            time.sleep(600)
        self.wfile.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        self.wfile.flush()
        last = read("event")
        while True:
            time.sleep(0.05)
            now = read("event")
            if now != last and now.endswith("\n"):
                # In halves, as a network may bring it.
                data = now.encode()
                self.chunk(data[: len(data) // 2])
                self.chunk(data[len(data) // 2 :])
                last = now


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, address):
        pass


if os.path.exists(PATH):
    os.unlink(PATH)
Server(PATH, Handler).serve_forever()
