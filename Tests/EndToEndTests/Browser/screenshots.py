"""Makes the documentation's pictures of the dashboard: `screenshots.py FOLDER`."""

import sys

from world import *

FOLDER = pathlib.Path(sys.argv[1])
PORT = os.environ["PORTLESS_PORT"]

TALK = """
const words = ["\\u001b[32mGET\\u001b[0m /products 200 in 12 ms", "\\u001b[32mGET\\u001b[0m /cart 200 in 4 ms",
  "\\u001b[33mPOST\\u001b[0m /orders 201 in 48 ms", "\\u001b[2mcache: 214 entries, 98 % hits\\u001b[0m"];
let n = 0;
setInterval(() => { n += 1; n % 9 ? console.log(words[n % 4]) : console.error("\\u001b[31mslow query\\u001b[0m SELECT * FROM orders: 812 ms"); }, 90);
"""
WORK = 'setInterval(() => console.log("\\u001b[36mjob\\u001b[0m " + Math.floor(Math.random() * 9000) + " done"), 700);'
BROKEN = """
console.error("Error: connect ECONNREFUSED 127.0.0.1:5432");
console.error("    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)");
process.exit(1);
"""


def git(*arguments, folder):
    identity = ["-c", "user.name=ada", "-c", "user.email=ada@example.com"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def build_world():
    files = {"server.js": SERVER + TALK, "worker.js": WORK, "broken.js": BROKEN}
    shop = project("shop", {
        "web": WEB, "api": {"command": "node server.js", "ports": ["api"]}, "worker": {"command": "node worker.js"},
        "browser": {"command": "node server.js", "ports": ["cdp", "health"]},
    }, files)
    blog = project("blog", {"web": WEB, "search": {"command": "node broken.js", "max_restarts": 2, "restart_delay": 50}}, files)
    chat = project("chat", {"server": {"command": "node server.js", "ports": ["ui", "ws"]}, "jobs": {"command": "node worker.js"}}, files)
    notes = project("notes", {"web": WEB}, files)
    git("init", "-qb", "main", ".", folder=shop)
    git("add", ".", folder=shop)
    git("commit", "-qm", "Begin", folder=shop)
    git("worktree", "add", "-qb", "fix-login", "../shop-fix", folder=shop)
    for folder in (shop, ROOT / "shop-fix", blog, chat, notes):
        portless("up", folder=folder, check=False)
    portless("down", folder=notes)
    portless("alias", "db", "5432")


def tidy(route):
    """Addresses as users have them: without this run's port and folder."""
    answer = route.fetch()
    text = answer.text().replace(f"localhost:{PORT}", "localhost").replace(str(ROOT), "/home/ada").replace(str(STATE), "/home/ada/.portless").replace(os.environ["HOME"], "/home/ada")
    route.fulfill(response=answer, body=text)


def visit():
    """Requests for the traffic view."""
    for path, method in [("/", "GET"), ("/products?page=2", "GET"), ("/cart", "GET"), ("/orders", "POST"), ("/login?token=abc", "GET"), ("/assets/app.js", "GET")] * 3:
        for name in ("shop", "api.shop", "chat"):
            subprocess.run(["curl", "-sk", "-X", method, "-H", "content-type: application/json", *(["-d", '{"sku":"blue-shoes","count":2}'] if method == "POST" else []), f"https://{name}.localhost:{PORT}{path}"], capture_output=True, check=False)


def shoot(chrome, name, path, scheme="light", width=1280, height=800, prepare=None):
    page = chrome.page("/api/health", width=width, height=height, scheme=scheme, device_scale_factor=2 if width < 500 else 1.5)
    for pattern in ("**/api/apps", "**/api/routes", "**/api/doctor", "**/api/ports", "**/api/exposure"):
        page.context.route(pattern, tidy)
    page.goto(API + path)
    page.wait_for_timeout(2_000)
    if prepare:
        prepare(page)
        page.wait_for_timeout(600)
    page.screenshot(path=FOLDER / f"{name}.png")
    page.context.close()


def choose_request(page):
    visit()
    page.wait_for_timeout(500)
    page.locator(".virtual .request-row", has_text="/orders").filter(has_text="api.shop").last.click()


def palette(page):
    page.keyboard.press("Control+k")
    page.keyboard.type("shop")


build_world()
FOLDER.mkdir(parents=True, exist_ok=True)
time.sleep(3)
with browser() as chrome:
    # The first page is none of the dashboard, and the browser looks for its icon.
    chrome.may_lose_connection = True
    shoot(chrome, "apps", "/#/apps", height=900)
    shoot(chrome, "apps-dark", "/#/apps", scheme="dark", height=900)
    shoot(chrome, "apps-phone", "/#/apps", width=375, height=780)
    shoot(chrome, "logs", "/#/logs/shop", scheme="dark", height=640)
    shoot(chrome, "ports", "/#/ports", height=900)
    shoot(chrome, "palette", "/#/apps", height=640, prepare=palette)
    # Inspecting lasts as long as a page looks.
    watching = chrome.page("/#/traffic")
    watching.wait_for_timeout(800)
    request("POST", "/api/traffic/inspect", {"host": "shop.localhost", "on": True})
    visit()
    shoot(chrome, "traffic", "/#/traffic", height=800, prepare=choose_request)
