"""Traffic: live requests, inspecting, replay, curl, HAR, hostile paths, headers and bodies."""

import contextlib
import http.client
import socket
import ssl
import sys

from axe_playwright_python.sync_playwright import Axe

from world import *

ATTACK = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def ask(path, method="GET", headers=None, body=None, host="shop.localhost"):
    """A request through the proxy."""
    context = ssl._create_unverified_context()
    port = int(os.environ["PORTLESS_PORT"])
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)
    connection.request(method, path, body, {"host": f"{host}:{port}", **(headers or {})})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def well_described(page):
    """No violation of axe-core's rules."""
    violations = Axe().run(page).response["violations"]
    assert not violations, [(entry["id"], [node["html"][:200] for node in entry["nodes"]]) for entry in violations]


def is_valid(archive):
    """Whether a file is a HAR, by its schema."""
    checker = pathlib.Path(__file__).parent.parent / "Apps" / "har-check.py"
    result = subprocess.run([sys.executable, checker, archive], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def refused(path, rest="HTTP/3.9"):
    # Sends what no client library would; with another end of its first line it is a plain request.
    context = ssl._create_unverified_context()
    with socket.create_connection(("127.0.0.1", int(os.environ["PORTLESS_PORT"])), 30) as plain:
        with context.wrap_socket(plain, server_hostname="shop.localhost") as connection:
            connection.sendall(f"GET {path} {rest}\r\nHost: shop.localhost\r\n\r\n".encode())
            while connection.recv(4096):
                pass
    return True


def open_traffic(chrome, first=lambda: ask("/hello")):
    page = chrome.page("/#/traffic")
    expect(page.locator(".view-traffic .empty")).to_contain_text("No request yet")
    # The proxy records from the moment when the server is attached to it.
    eventually("a record", lambda: first() and requests(page, "/hello").count() > 0)
    return page


def inspected(host):
    """Waits until the proxy itself knows that a host is inspected."""
    eventually("inspecting", lambda: host in request("GET", "/api/traffic")["inspecting"])


def requests(page, text):
    return page.locator(".virtual .request-row", has_text=text)


def live():
    """Requests appear as they happen, with filters and details; replay and HAR work."""
    shop()
    with browser() as chrome:
        page = open_traffic(chrome)
        ask("/first")
        expect(requests(page, "/first")).to_contain_text("200")
        ask("/nothing", host="other.localhost")
        expect(requests(page, "/nothing")).to_contain_text("404")
        page.get_by_role("button", name="4xx").click()
        expect(requests(page, "")).to_have_count(1)
        page.get_by_role("button", name="All", exact=True).last.click()
        page.get_by_label("Filter requests").fill("/first")
        expect(requests(page, "")).to_have_count(1)
        page.get_by_label("Filter requests").fill("")

        # A name is whole where there is room for it.
        page.set_viewport_size({"width": 1024, "height": 768})
        expect(requests(page, "/first").locator(".r2")).to_be_visible()
        cut = page.evaluate("[...document.querySelectorAll('.virtual .r2')].filter((cell) => cell.scrollWidth > cell.clientWidth).length")
        assert cut == 0, cut
        page.set_viewport_size({"width": 1280, "height": 860})
        requests(page, "/first").click()
        details = page.get_by_label("Request", exact=True)
        expect(details).to_contain_text("Only its metadata was recorded")
        details.get_by_role("button", name="Inspect shop.localhost").click()
        expect(details).to_contain_text("is inspected")
        inspected("shop.localhost")
        ask("/orders?token=hush", "POST", {"content-type": "application/json", "authorization": "Bearer secret-of-mine", "x-note": "a 'quoted' note"}, '{"count": 2}')
        row = requests(page, "/orders")
        expect(row).to_contain_text("token=•••")
        row.click()
        expect(details).to_contain_text('"count": 2')
        expect(details).to_contain_text("•••")
        assert "secret-of-mine" not in page.content()
        well_described(page)
        details.get_by_role("button", name="Show secrets").click()
        expect(details).to_contain_text("secret-of-mine")

        command = copied(page, details.get_by_role("button", name="Copy as curl"))
        assert command.startswith("curl -i -X 'POST' 'https://shop.localhost"), command
        assert "'x-note: a '\\''quoted'\\'' note'" in command.lower(), command
        assert """--data-raw '{"count": 2}'""" in command, command

        details.get_by_role("button", name="Replay", exact=True).click()
        expect(requests(page, "/orders")).to_have_count(2)
        details.get_by_role("button", name="Edit and replay").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Path").fill("/edited")
        dialog.get_by_label("Body", exact=True).fill('{"count": 7}')
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_contain_text("Answer: 200")
        well_described(page)
        expect(dialog).to_contain_text('\\"count\\": 7')
        page.keyboard.press("Escape")
        expect(requests(page, "/edited")).to_have_count(1)

        with page.expect_download() as download:
            page.get_by_role("link", name="Export HAR").click()
        is_valid(download.value.path())
        log = json.loads(pathlib.Path(download.value.path()).read_text())["log"]
        assert log["version"] == "1.2" and log["creator"]["name"], log
        orders = [entry for entry in log["entries"] if "/orders" in entry["request"]["url"]]
        assert len(orders) == 2, [entry["request"]["url"] for entry in log["entries"]]
        # The app itself repeats the query in its answer.
        sent = json.dumps([entry["request"] for entry in log["entries"]])
        assert "secret-of-mine" not in sent and "hush" not in sent, sent

        # By keys alone: up and down, and the details follow.
        page.locator(".requests .virtual").focus()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        expect(page.locator(".details-body")).to_be_focused()
        page.keyboard.press("Escape")
        expect(details).to_be_hidden()


def hostile_traffic():
    """Paths, headers and bodies that are markup stay text."""
    folder = project("shop", {"web": WEB}, {"server.js": f"""
        require("http").createServer((request, response) => {{
          response.setHeader("x-evil", {json.dumps(ATTACK)});
          response.setHeader("content-type", "text/html");
          response.end({json.dumps(ATTACK)});
        }}).listen(process.env.PORT, "127.0.0.1");
        """})
    portless("up", folder=folder)
    with browser() as chrome:
        page = open_traffic(chrome)
        request("POST", "/api/traffic/inspect", {"host": "shop.localhost", "on": True})
        inspected("shop.localhost")
        ask(f"/{ATTACK.replace(' ', '%20')}", "POST", {"x-mine": ATTACK}, ATTACK)
        row = requests(page, "onerror=alert(1)")
        expect(row).to_have_count(1)
        row.click()
        details = page.get_by_label("Request", exact=True)
        expect(details.locator("td", has_text="<script>").first).to_be_visible()
        expect(details.locator("pre", has_text="<script>")).to_have_count(2)
        assert page.locator("main img, main script").count() == 0


def packed():
    """A body in gzip is shown unpacked, in the details and in the HAR file; a request that is refused is a record."""
    folder = project("shop", {"web": WEB}, {"server.js": f"""
        require("http").createServer((request, response) => {{
          response.setHeader("content-type", "text/html");
          response.setHeader("content-encoding", request.url.slice(1));
          const {{ gzipSync, brotliCompressSync }} = require("zlib");
          response.end((request.url === "/br" ? brotliCompressSync : gzipSync)({json.dumps("unpacked " + ATTACK)}));
        }}).listen(process.env.PORT, "127.0.0.1");
        """})
    portless("up", folder=folder)
    with browser() as chrome:
        page = open_traffic(chrome, lambda: refused("/hello"))
        expect(requests(page, "/hello").first).to_contain_text("505")
        request("POST", "/api/traffic/inspect", {"host": "shop.localhost", "on": True})
        inspected("shop.localhost")
        for coding in ("gzip", "br"):
            refused(f"/{coding}", "HTTP/1.1\r\nConnection: close")
        details = page.get_by_label("Request", exact=True)
        requests(page, "/br").click()
        expect(details.locator("pre")).to_contain_text("that are no text")
        requests(page, "/gzip").click()
        expect(details.locator("pre")).to_have_text("unpacked " + ATTACK)
        expect(details.locator("h3", has_text="Response body")).to_contain_text("unpacked")
        with page.expect_download() as download:
            page.get_by_role("link", name="Export HAR").click()
        is_valid(download.value.path())
        entries = json.loads(pathlib.Path(download.value.path()).read_text())["log"]["entries"]
        texts = [entry["response"]["content"].get("text") for entry in entries if entry["request"]["url"].endswith("/gzip")]
        assert texts == ["unpacked " + ATTACK], texts


def sockets():
    """A WebSocket's messages, with direction and size."""
    folder = project("shop", {"web": WEB}, {"server.js": """
        const { WebSocketServer } = require("ws");
        const server = require("http").createServer((request, response) => response.end("x")).listen(process.env.PORT, "127.0.0.1");
        new WebSocketServer({ server }).on("connection", (socket) => socket.on("message", (text) => socket.send("heard " + text)));
        """, "client.js": """
        const WebSocket = require("ws");
        const socket = new WebSocket(`wss://shop.localhost:${process.env.PORTLESS_PORT}/live`, {
          rejectUnauthorized: false, lookup: (name, options, done) => (options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4)),
        });
        socket.on("open", () => socket.send("hello"));
        socket.on("message", () => setTimeout(() => socket.close(), 200));
        """})
    portless("up", folder=folder)
    with browser() as chrome:
        page = open_traffic(chrome)
        request("POST", "/api/traffic/inspect", {"host": "shop.localhost", "on": True})
        inspected("shop.localhost")
        subprocess.run(["node", "client.js"], cwd=folder, check=True, timeout=30)
        row = requests(page, "/live")
        expect(row).to_contain_text("WebSocket")
        row.click()
        messages = page.locator(".messages li")
        expect(messages.first).to_contain_text("sent")
        expect(messages.first).to_contain_text("hello")
        expect(messages.nth(1)).to_contain_text("received")
        expect(messages.nth(1)).to_contain_text("heard hello")


def restart_of_the_proxy():
    """A new proxy begins a new list, and is followed."""
    shop()
    with browser() as chrome:
        page = open_traffic(chrome)
        ask("/before")
        expect(requests(page, "/before")).to_have_count(1)
        portless("proxy", "restart")
        expect(requests(page, "/before")).to_have_count(0)

        def is_followed():
            with contextlib.suppress(OSError, http.client.HTTPException):
                ask("/after")
            return requests(page, "/after").count() > 0

        eventually("a record of the new proxy", is_followed)
