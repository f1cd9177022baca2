"""How fast the dashboard is in Chromium: first data, an update and scrolling of 1,000 processes, scrolling of
100,000 log lines, and how soon a lost connection shows.

usage: dashboard.py --binary PORTLESS, with the Python of the tests (`make bench-dashboard`)
"""

import argparse
import os
import pathlib
import signal
import socket
import statistics
import sys
import tempfile


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


parser = argparse.ArgumentParser()
parser.add_argument("--binary", required=True)
parser.add_argument("--rounds", type=int, default=9)
options = parser.parse_args()
folder = tempfile.TemporaryDirectory()
root = pathlib.Path(folder.name)
(root / "projects").mkdir()
os.environ.update(
    PORTLESS_TEST_BINARY=os.path.abspath(options.binary), DASHBOARD_TEST_ROOT=str(root / "projects"), HOME=str(root),
    PORTLESS_STATE_DIR=str(root / "state"), PORTLESS_PORT=free_port(), PORTLESS_API_PORT=free_port(),
    PORTLESS_API_LOCAL_PORT=free_port(), PORTLESS_SYNC_HOSTS="0",
)
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Tests" / "EndToEndTests" / "Browser"))
from world import *  # noqa: E402

UPDATES = """(async () => {
  const { store } = await import(document.querySelector("script").src.replace("main.js", "lib/store.js"));
  const frame = () => new Promise(requestAnimationFrame);
  const updates = [];
  for (let round = 0; round < 20; round++) {
    for (const app of store.apps) for (const process of app.processes) process.cpu = Math.random() * 9;
    const start = performance.now();
    store.changed("usage");
    store.flush();
    document.body.getBoundingClientRect();
    updates.push(performance.now() - start);
    await frame();
  }
  return updates;
})()"""

SCROLLING = """(async (selector) => {
  const node = selector ? document.querySelector(selector) : document.scrollingElement;
  const frame = () => new Promise(requestAnimationFrame);
  const times = [];
  for (let at = 0; at < 60; at++) {
    const start = performance.now();
    node.scrollTop = (node.scrollHeight * ((at * 7) % 60)) / 60;
    await frame();
    await frame();
    times.push(performance.now() - start);
  }
  return times;
})"""

FLOOD = """
let text = "";
for (let n = 0; n < 100000; n++) text += `line ${n} of a flood\\n`;
process.stdout.write(text);
setInterval(() => {}, 1000);
"""


def first_data(chrome):
    """Bytes over the wire, and the times from navigation to the apps' data, without and with the browser's store."""
    sizes, cold, warm = set(), [], []
    mark = """performance.getEntriesByName("portless-data")[0].startTime"""
    size = """performance.getEntriesByType("resource").filter((entry) => entry.name.includes("/assets/"))
              .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""
    for _ in range(options.rounds):
        page = chrome.page()
        expect(card(page, "shop")).to_be_visible()
        cold.append(page.evaluate(mark))
        sizes.add(page.evaluate(size))
        page.reload()
        expect(card(page, "shop")).to_be_visible()
        warm.append(page.evaluate(mark))
        page.context.close()
    return max(sizes), cold, warm


def lost_connection(chrome):
    """Seconds from a frozen server to the page's word about it."""
    times = []
    page = chrome.page()
    for _ in range(3):
        expect(page.locator(".live")).to_contain_text("Live")
        expect(page.locator("#notice")).to_be_hidden()
        page.wait_for_timeout(1_500)
        daemon = server_daemon()
        os.kill(daemon, signal.SIGSTOP)
        start = time.monotonic()
        expect(page.locator("#notice")).to_be_visible()
        times.append(time.monotonic() - start)
        os.kill(daemon, signal.SIGCONT)
    page.context.close()
    return times


def row(what, times, unit="ms", digits=0):
    print(f"| {what} | {statistics.median(times):.{digits}f} {unit} | {max(times):.{digits}f} {unit} |")


try:
    shop_folder = shop()
    with browser() as chrome:
        chrome.may_lose_connection = True
        size, cold, warm = first_data(chrome)
        lost = lost_connection(chrome)
        page = chrome.page("/#/health")
        page.context.route("**/api/apps", lambda route: route.fulfill(json=many_apps()))
        page.goto(API + "/#/apps")
        page.reload()
        expect(page.locator(".process")).to_have_count(1000)
        updates = page.evaluate(UPDATES)
        scrolling = page.evaluate(f"{SCROLLING}()")
        page.context.close()
        flood = project("flood", {"worker": {"command": "node flood.js"}}, {"flood.js": FLOOD})
        portless("up", folder=flood)
        page = chrome.page("/#/logs/flood")
        expect(page.locator(".line", has_text="line 99999 of a flood")).to_be_visible(timeout=60_000)
        lines = page.evaluate(f"{SCROLLING}('.log')")
    print(f"First load: {size / 1000:.1f} kB compressed.\n\n| dashboard | median | at most |\n|---|---|---|")
    row("first data, nothing stored", cold)
    row("first data, loaded again", warm)
    row("1,000 processes: one update of all", updates, digits=1)
    row("1,000 processes: two frames of scrolling", scrolling)
    row("log lines: two frames of scrolling", lines)
    row("a frozen server shows after", lost, "s", 1)
finally:
    for name in ("shop", "flood"):
        if (ROOT / name).exists():
            portless("down", folder=ROOT / name, check=False)
    portless("server", "stop", check=False)
    portless("proxy", "stop", check=False)
    folder.cleanup()
