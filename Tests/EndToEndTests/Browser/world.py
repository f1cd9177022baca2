"""What the dashboard's tests in a real browser share: the program, its API, projects, and pages."""

import contextlib
import json
import os
import pathlib
import subprocess
import time
import urllib.error
import urllib.request

from playwright.sync_api import expect, sync_playwright

PORTLESS = os.environ["PORTLESS_TEST_BINARY"]
STATE = pathlib.Path(os.environ["PORTLESS_STATE_DIR"])
API = f"http://localhost:{os.environ['PORTLESS_API_PORT']}"
ROOT = pathlib.Path(os.environ["DASHBOARD_TEST_ROOT"])

# A page that a busy machine draws slowly is not a failure; a page that is wrong stays wrong.
expect.set_options(timeout=30_000)

SERVER = """
const http = require("http");
const answer = (request, response, body) => {
  console.log(request.method, request.url);
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ url: request.url, body }));
};
http.createServer((request, response) => {
  let body = "";
  request.on("data", (data) => { body += data; });
  request.on("end", () => answer(request, response, body));
}).listen(process.env.PORT, "127.0.0.1", () => console.log("ready"));
"""
COUNTER = 'let n = 0; setInterval(() => console.log("line " + n++), 20);'


def portless(*arguments, folder=None, check=True):
    result = subprocess.run([PORTLESS, *arguments], cwd=folder or ROOT, capture_output=True, text=True, timeout=120)
    if check and result.returncode != 0:
        raise AssertionError(f"portless {' '.join(arguments)}: {result.stdout}{result.stderr}")
    return result.stdout


def request(method, path, body=None):
    """A request with the token; the JSON of its answer."""
    headers = {"authorization": f"Bearer {(STATE / 'server.token').read_text().strip()}"}
    data = None
    if body is not None:
        headers["content-type"] = "application/json"
        data = json.dumps(body).encode()
    call = urllib.request.Request(API + path, data, headers, method=method)
    with urllib.request.urlopen(call, timeout=60) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def eventually(what, work, seconds=60):
    end = time.monotonic() + seconds
    while True:
        result = work()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"After {seconds} s still not: {what}.")
        time.sleep(0.05)


def project(name, processes, files=None):
    """A project's folder with a server, a counter, and what else is given."""
    folder = ROOT / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "portless.json").write_text(json.dumps({"name": name, "processes": processes}))
    for file, text in {"server.js": SERVER, "counter.js": COUNTER, **(files or {})}.items():
        (folder / file).write_text(text)
    return folder


WEB = {"command": "node server.js", "ports": ["ui"]}


def shop():
    """An app with a server and a worker, up."""
    folder = project("shop", {"web": WEB, "worker": {"command": "node counter.js"}})
    portless("up", folder=folder)
    return folder


def many_apps():
    """What the API would tell of a hundred apps with ten processes each."""
    apps = []
    for index in range(100):
        processes = [{
            "name": f"process{number}", "state": "online", "restarts": 0, "unstableRestarts": 0, "pid": 1000 + index * 10 + number,
            "ports": {"api": 20000 + index * 10 + number}, "urls": [f"https://app{index}.localhost"], "startedAt": 1_700_000_000_000,
            "cpu": 0.5, "memory": 50_000_000,
        } for number in range(10)]
        apps.append({
            "id": f"app{index}", "name": f"app{index}", "repoPath": f"/app{index}", "processes": processes, "pm2Status": {}, "names": [],
            "supervised": {"name": f"app{index}", "directory": f"/app{index}", "state": "online", "processes": processes},
        })
    return apps


def process(app, name):
    apps = request("GET", "/api/apps")
    found = next(entry for entry in apps if entry["id"] == app or entry["name"] == app)
    return next(entry for entry in found["supervised"]["processes"] if entry["name"] == name)


def server_daemon():
    return json.loads((STATE / "server.json").read_text())["daemon"]


class Browser:
    """A browser, whose pages tell of every error that they log."""

    def __init__(self, playwright):
        self.browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        self.complaints = []
        # A server that is away makes the browser itself complain.
        self.may_lose_connection = False

    def page(self, path="/", signed_in=True, width=1280, height=860, scheme="light", **options):
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce", **options
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=API)
        if signed_in:
            link = request("POST", "/api/session/link", {})["path"]
            context.request.get(API + link)
        page = context.new_page()
        page.on("console", lambda message: self.hear(message.type, f"{message.text} ({message.location['url']})"))
        page.on("pageerror", lambda error: self.hear("error", str(error)))
        page.on("dialog", lambda dialog: self.hear("error", f"dialog {dialog.message}"))
        page.goto(API + path)
        return page

    def hear(self, kind, text):
        if kind not in ("error", "warning"):
            return
        if self.may_lose_connection and ("net::ERR" in text or "Failed to load resource" in text):
            return
        self.complaints.append(text)


@contextlib.contextmanager
def browser():
    with sync_playwright() as playwright:
        browser = Browser(playwright)
        yield browser
        assert not browser.complaints, browser.complaints
        browser.browser.close()


def card(page, name):
    return page.locator(".card").filter(has=page.get_by_role("heading", name=name, exact=True))


def row(page, app, name):
    return card(page, app).locator(".process").filter(has=page.locator(".process-name", has_text=name))


def copied(page, button):
    """What a button copies; the browser writes it some time after the click."""
    page.evaluate("navigator.clipboard.writeText('nothing yet')")
    button.click()
    return eventually("a copy", lambda: (text := page.evaluate("navigator.clipboard.readText()")) != "nothing yet" and text)


def settled(page, expression):
    """The value of a script once it stays the same for a moment, as that of a scroll position does."""
    before = object()
    while before != (now := page.evaluate(expression)):
        before = now
        page.wait_for_timeout(300)
    return now


def no_sideways_scrolling(page):
    width, visible = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= visible, f"{page.url}: {width} > {visible}"
