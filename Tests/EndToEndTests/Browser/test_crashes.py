"""Crashes: the watcher, records with their diagnosis, restarts, patches; what an app wrote stays text."""

import re

from axe_playwright_python.sync_playwright import Axe

from world import *

ATTACK = "<img src=x onerror=alert(1)><script>alert(2)</script>"

CRASH = {
    "id": "1795894205123456-3fk2", "at": "2026-11-28T19:30:05.123Z", "app": "shop", "process": "web", "directory": "/src/shop",
    "exit": {"code": 1}, "sentence": "exited with code 1 after 1.2 s", "uptimeMs": 1234, "pid": 812,
    "diagnosis": {
        "kind": "port-taken", "sentence": "Port 3000 is taken by node (4711).", "isCertain": True,
        "remedy": "End that program, or give this process another port.", "command": "portless ports kill 3000",
        "evidence": "\u001b[31mError\u001b[0m: listen EADDRINUSE: address already in use :::3000",
    },
    "patch": {"state": "staged", "sentence": "A patch of 1 file waits for you.", "at": "2026-11-28T19:31:00.000Z", "files": ["server.js"], "bytes": 412},
}
DETAILS = {
    "command": ["node", "server.js"], "errors": [{"at": CRASH["at"], "text": f"\u001b[31mError\u001b[0m {ATTACK}"}],
    "output": [{"at": CRASH["at"], "text": "ready"}],
    "ports": [{"label": "api", "port": 5570, "holder": f"node {ATTACK} (4711)"}, {"port": 3000}],
    "environment": ["HOME", "PATH", "PORT"],
    "git": {"root": "/src/shop", "head": "0123456789abcdef0123456789abcdef01234567", "branch": "main",
            "lastGood": {"head": "fedcba9876543210fedcba9876543210fedcba98", "at": "2026-11-28T18:00:00.000Z"}, "changed": ["server.js", ATTACK], "more": 3},
}
PATCH = f"""diff --git a/server.js b/server.js
index 0123456..89abcde 100644
--- a/server.js
+++ b/server.js
@@ -1,3 +1,3 @@
 const port = process.env.PORT;
--- a line that begins as a head does {ATTACK}
+listen(port);
"""


class Watcher:
    """The API of crashes as it is documented, kept by the test."""

    def __init__(self, page, crashes=(), on=False):
        self.crashes = [dict(crash) for crash in crashes]
        self.watcher = {"on": on, "cooldownMinutes": 30, "autofix": None, "ports": {"api": 5559, "ui": 5560}}
        self.calls = []
        page.context.route(re.compile(r"/api/crashes"), self.answer)

    def answer(self, route):
        path = route.request.url.split("/api/crashes")[1].split("?")[0]
        method = route.request.method
        self.calls.append(f"{method} {path}")
        if path == "/watcher":
            if method == "PUT":
                self.watcher["on"] = route.request.post_data_json["on"]
            return route.fulfill(json=self.watcher)
        if path == "":
            if method == "DELETE":
                self.crashes = []
                return route.fulfill(status=204)
            return route.fulfill(json={"crashes": self.crashes, "watching": self.watcher["on"]})
        crash = next(entry for entry in self.crashes if entry["id"] == path.split("/")[1])
        if method == "DELETE":
            self.crashes.remove(crash)
            return route.fulfill(status=204)
        verb = path.split("/")[2:] or [""]
        if verb == ["restart"]:
            return route.fulfill(json={"success": True, "results": {"web": {"success": True}}})
        if verb == ["patch"]:
            return route.fulfill(json={"patch": PATCH, "files": ["server.js"], "bytes": 412, "state": crash["patch"]["state"]})
        if verb in (["apply"], ["discard"]):
            state = {"apply": "applied", "discard": "discarded"}[verb[0]]
            crash["patch"] = {**crash["patch"], "state": state, "sentence": f"The patch is {state}."}
            return route.fulfill(json=crash)
        return route.fulfill(json={**crash, **DETAILS})

    def tell(self, page, crash):
        """As an event would."""
        self.crashes.insert(0, dict(crash))
        page.evaluate(
            """async (crash) => {
              const { store } = await import(document.querySelector("script").src.replace("main.js", "lib/store.js"));
              store.takeCrash(crash);
            }""", crash)


def well_made(page, place):
    """No violation of axe-core's rules, and nothing to the side of the page."""
    no_sideways_scrolling(page)
    expect(page.locator(".live")).to_contain_text("Live")
    found = Axe().run(page).response["violations"]
    assert not found, (place, [(entry["id"], [node["html"][:200] for node in entry["nodes"]]) for entry in found])


def watching():
    """Turned on from the page, the view has a place in the navigation, and crashes appear in it by themselves."""
    portless("server", "start")
    with browser() as chrome:
        page = chrome.page("/#/health")
        watcher = Watcher(page)
        page.goto(f"{API}/#/crashes")
        page.reload()
        expect(page.get_by_role("heading", name="Know why it crashed")).to_be_visible()
        tab = page.locator('#nav [data-view="crashes"]')
        expect(tab).to_be_hidden()
        well_made(page, "off")
        page.locator(".welcome").get_by_role("button", name="Turn on").click()
        expect(page.locator(".view-crashes")).to_contain_text("No app has crashed")
        expect(tab).to_be_visible()
        assert watcher.watcher["on"]
        page.keyboard.press("1")
        watcher.tell(page, CRASH)
        expect(tab.locator(".nav-count")).to_have_text("1")
        page.keyboard.press("6")
        crash = page.locator(".crash")
        expect(crash).to_contain_text("Port 3000 is taken by node (4711).")
        expect(crash).to_contain_text("exited with code 1 after 1.2 s")
        expect(tab.locator(".nav-count")).to_be_hidden()
        assert copied(page, crash.get_by_role("button", name="Copy portless ports kill 3000")) == "portless ports kill 3000"
        watcher.tell(page, {**CRASH, "id": "1795894205999999-aaaa", "process": "worker", "patch": None})
        expect(page.locator(".crash")).to_have_count(2)
        expect(page.locator(".crash").first).to_contain_text("worker")
        page.get_by_label("Filter crashes").fill("worker")
        expect(page.locator(".crash")).to_have_count(1)
        page.get_by_role("button", name="Clear all").click()
        page.get_by_role("button", name="Forget", exact=True).click()
        expect(page.locator(".crash")).to_have_count(0)
        page.get_by_role("button", name="Watching").click()
        expect(page.get_by_role("heading", name="Know why it crashed")).to_be_visible()


def record():
    """A record tells what is known, its process is restarted, and its patch applied; all of it stays text."""
    shop()
    with browser() as chrome:
        for scheme, width in (("light", 1280), ("dark", 375)):
            page = chrome.page("/#/health", width=width, scheme=scheme)
            hostile = {**CRASH, "id": "1795894205123457-zzzz", "app": ATTACK, "process": ATTACK, "sentence": ATTACK, "patch": None,
                       "diagnosis": {"kind": "unknown", "sentence": ATTACK, "isCertain": False, "evidence": ATTACK}}
            watcher = Watcher(page, [hostile, CRASH], on=True)
            page.goto(f"{API}/#/crashes/{CRASH['id']}")
            page.reload()
            crash = page.locator(f'.crash[data-crash="{CRASH["id"]}"]')
            details = crash.locator(".crash-details")
            expect(details).to_contain_text(ATTACK)
            expect(details.locator(".ansi-red")).to_have_text("Error")
            expect(details).to_contain_text("Changed since it last ran well")
            expect(details).to_contain_text("and 3 more")
            expect(details.locator(".names-list li")).to_have_text(["HOME", "PATH", "PORT"])
            expect(details.get_by_role("link", name="api:5570")).to_be_visible()
            expect(crash.locator(".diff-line.removed")).to_contain_text(ATTACK)
            expect(crash.locator(".diff-line.added")).to_have_text("+listen(port);")
            expect(crash.locator(".diff-line.meta")).to_have_count(4)
            assert page.locator("main img, main script").count() == 0
            well_made(page, f"record {scheme}")
            crash.get_by_role("button", name="Restart web of shop").click()
            expect(page.locator("#messages")).to_contain_text("is starting")
            assert f"POST /{CRASH['id']}/restart" in watcher.calls, watcher.calls
            crash.get_by_role("button", name="Apply").click()
            expect(crash.locator(".chip").first).to_have_text("Patch applied")
            expect(crash.get_by_role("button", name="Apply")).to_be_hidden()
            crash.get_by_role("button", name="Details of web of shop").click()
            expect(details).to_be_hidden()
            crash.get_by_role("button", name="Forget this crash of web of shop").click()
            expect(crash).to_have_count(0)
            page.context.close()


def recorded():
    """The watcher itself: what crashes is told of at once, with its last lines, and is restarted from the page."""
    folder = project("shop", {"web": WEB, "worker": {"command": "node broken.js", "autorestart": False}}, {
        "broken.js": "setTimeout(() => { console.log('beginning'); require('left-pad-of-mine'); }, 300);",
    })
    portless("server", "start")
    with browser() as chrome:
        page = chrome.page("/#/crashes")
        page.locator(".welcome").get_by_role("button", name="Turn on").click()
        expect(page.locator(".view-crashes")).to_contain_text("No app has crashed")
        portless("up", folder=folder, check=False)
        crash = page.locator(".crash").first
        expect(crash).to_contain_text("shop worker")
        expect(crash.locator(".diagnosis")).to_contain_text("left-pad-of-mine")
        crash.get_by_role("button", name="Details of worker of shop").click()
        details = crash.locator(".crash-details")
        expect(details.get_by_role("region", name="Last output")).to_contain_text("beginning")
        expect(details.get_by_role("region", name="Last errors")).to_contain_text("left-pad-of-mine")
        expect(details.locator(".names-list")).to_contain_text("PATH")
        assert process("shop", "web")["pid"]
        crash.get_by_role("button", name="Restart worker of shop").click()
        expect(page.locator(".crash")).to_have_count(2)
        page.get_by_role("button", name="Watching").click()
        expect(page.get_by_role("button", name="Turn on").first).to_be_visible()
        assert not request("GET", "/api/crashes/watcher")["on"]
