"""Apps: first load, events, actions, hostile names, many apps."""

import os
import re
import signal

from world import *


def first_load():
    """Small, and the second time from the browser's own store; prints how long it takes."""
    shop()
    with browser() as chrome:
        times = []
        for _ in range(3):
            page = chrome.page()
            expect(card(page, "shop")).to_be_visible()
            entries = page.evaluate(
                """performance.getEntriesByType("resource").filter((entry) => entry.name.includes("/assets/"))
                   .map((entry) => [entry.name, entry.encodedBodySize, entry.transferSize])"""
            )
            size = sum(entry[1] for entry in entries)
            assert 10_000 < size < 60_000, size
            times.append(page.evaluate("""performance.getEntriesByName("portless-data")[0].startTime"""))
            page.reload()
            expect(card(page, "shop")).to_be_visible()
            # The tab's icon may still be on its way when the page is loaded again.
            again = page.evaluate(
                """performance.getEntriesByType("resource").filter((entry) => /assets.*(js|css)$/.test(entry.name))
                   .reduce((sum, entry) => sum + entry.transferSize, 0)"""
            )
            assert again == 0, again
            page.context.close()
        print(f"first load: {size} bytes, data after {min(times):.0f} ms")


def events():
    """A start, a crash and a restart appear by themselves, and leave focus, scroll and selection alone."""
    portless("server", "start")
    with browser() as chrome:
        page = chrome.page()
        expect(page.get_by_role("heading", name="No app yet")).to_be_visible()
        expect(page.locator(".welcome")).to_contain_text("portless shop npm run dev")
        folder = project("shop", {
            "web": WEB,
            "worker": {"command": "node fragile.js", "autorestart": False},
        }, {"fragile.js": 'console.log("the last words"); setInterval(() => {}, 1000);'})
        for index in range(6):
            project(f"other{index}", {"web": WEB})
            request("POST", "/api/apps", {"repoPath": str(ROOT / f"other{index}")})
        portless("up", folder=folder)
        expect(row(page, "shop", "web")).to_contain_text("Online")
        expect(row(page, "shop", "worker")).to_contain_text("Running")
        expect(card(page, "other0")).to_contain_text("Not started")

        logs = row(page, "shop", "web").get_by_role("link", name="Logs of web")
        logs.focus()
        page.evaluate("scrollTo(0, 120)")
        page.evaluate("getSelection().selectAllChildren(document.querySelector('[data-app=shop] h2'))")
        kept = page.evaluate_handle("document.querySelector('[data-app=shop]')")
        os.kill(process("shop", "worker")["pid"], signal.SIGKILL)
        fragile = row(page, "shop", "worker")
        expect(fragile).to_contain_text("Failed, signal 9")
        expect(fragile.locator(".why")).to_contain_text("the last words")
        before = process("shop", "web")["pid"]
        request("POST", "/api/apps/shop/restart", {"process": "web"})
        expect(row(page, "shop", "web")).to_contain_text("Online, 1 restart")
        assert process("shop", "web")["pid"] != before
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Logs of web of shop"
        assert page.evaluate("scrollY") == 120
        assert page.evaluate("getSelection().toString()") == "shop"
        assert page.evaluate("(node) => node === document.querySelector('[data-app=shop]')", kept)

        page.get_by_role("button", name="Problems").click()
        expect(page.locator(".card:visible")).to_have_count(1)
        page.get_by_role("button", name="All", exact=True).click()
        page.get_by_label("Filter apps").fill("other3")
        expect(page.locator(".card:visible")).to_have_count(1)


def actions():
    """A signed-in browser starts, stops and restarts; another one is told how to sign in."""
    shop()
    with browser() as chrome:
        page = chrome.page()
        card(page, "shop").get_by_role("button", name="Stop shop", exact=True).click()
        expect(row(page, "shop", "web")).to_contain_text("Stopped")
        assert "pid" not in process("shop", "web")
        card(page, "shop").get_by_role("button", name="Start shop", exact=True).click()
        expect(row(page, "shop", "web")).to_contain_text("Online")
        row(page, "shop", "worker").get_by_role("button", name="Stop worker").click()
        expect(row(page, "shop", "worker")).to_contain_text("Stopped")
        expect(row(page, "shop", "web")).to_contain_text("Online")
        assert page.locator("#tools").get_by_role("button", name="Sign in").is_hidden()
        text = copied(page, card(page, "shop").get_by_role("button", name="Copy https://").first)
        assert text.startswith("https://shop.localhost"), text

        chrome.may_lose_connection = True  # The browser logs the 401.
        stranger = chrome.page(signed_in=False)
        expect(row(stranger, "shop", "web")).to_contain_text("Online")
        expect(stranger.get_by_role("button", name="Sign in")).to_be_visible()
        card(stranger, "shop").get_by_role("button", name="Stop shop", exact=True).click()
        expect(stranger.get_by_role("dialog")).to_contain_text("portless dashboard")
        assert process("shop", "web")["pid"]
        link = portless("dashboard", "--no-open").strip()
        stranger.goto(f"{API}/session/{link.rsplit('/', 1)[1]}")
        expect(row(stranger, "shop", "web")).to_contain_text("Online")
        expect(stranger.get_by_role("button", name="Sign in")).to_be_hidden()


def terminals():
    """An app that runs in a terminal has its place, with what it uses."""
    folder = project("wiki", {"web": WEB})
    portless("server", "start")
    run = subprocess.Popen([PORTLESS, "wiki", "node", "server.js"], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with browser() as chrome:
            page = chrome.page()
            wiki = card(page, "wiki")
            expect(wiki).to_contain_text("In a terminal")
            for fact in ("Uptime", "CPU", "Memory"):
                expect(wiki.locator(f".fact[title={fact}] .value")).to_have_text(re.compile(r"\d"))
            expect(page.locator('#nav [data-view="apps"] .nav-count')).to_have_text("1")
    finally:
        run.terminate()
        run.wait(60)


ATTACK = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


def hostile():
    """Names and lines that are markup stay text, and addresses that are scripts are no links."""
    folder = project("shop", {"web": {"command": "node evil.js"}}, {
        "evil.js": f"console.log({json.dumps(ATTACK)}); console.error('\\u001b]8;;javascript:alert(3)\\u0007x\\u001b[31m{ATTACK}');"
        "setTimeout(() => process.exit(3), 300);",
    })
    strange = ROOT / "<b onclick=alert(4)>"
    strange.mkdir()
    (strange / "package.json").write_text('{"name": "strange", "scripts": {"dev": "true"}}')
    portless("server", "start")
    request("POST", "/api/apps", {"repoPath": str(strange), "name": ATTACK, "type": ATTACK, "icon": ATTACK})
    portless("up", folder=folder, check=False)
    with browser() as chrome:
        page = chrome.page()
        expect(page.get_by_role("heading", name=ATTACK, exact=True)).to_be_visible()
        expect(row(page, "shop", "web").locator(".why")).to_contain_text("<script>alert(2)</script>")
        expect(page.locator(".card", has_text=ATTACK).first).to_contain_text("<b onclick=alert(4)>")
        page.goto(f"{API}/#/logs/shop")
        # The keeper's own lines stand between them, and which line is the first in view changes with each restart.
        expect(page.locator(".line.stdout .text", has_text=ATTACK).first).to_be_visible()
        expect(page.locator(".line.stderr .ansi-red", has_text="<img").first).to_be_visible()
        page.keyboard.press("Control+k")
        page.keyboard.type("onerror")
        expect(page.locator("#palette-list")).to_contain_text(ATTACK)
        assert page.locator("main img, main script, main b, dialog img, a[href^=javascript]").count() == 0
        refused = page.evaluate(
            """(async () => { const { link } = await import(document.querySelector("script").src.replace("main.js", "lib/dom.js"));
               return ["javascript:alert(5)", "data:text/html,x", " java\\nscript:alert(6)", "https://shop.localhost/"]
                 .map((url) => link("x", url).tagName); })()"""
        )
        assert refused == ["SPAN", "SPAN", "SPAN", "A"], refused


def many():
    """An event of a hundred apps with ten processes each changes what it tells of, and replaces nothing."""
    portless("server", "start")
    with browser() as chrome:
        page = chrome.page("/#/health")
        page.context.route("**/api/apps", lambda route: route.fulfill(json=many_apps()))
        page.goto(API + "/#/apps")
        page.reload()
        expect(page.locator(".process")).to_have_count(1000)
        # The summary counts what the badge counts.
        expect(page.locator(".view-apps .summary")).to_have_text("100 apps, 1,000 of 1,000 processes running")
        expect(page.locator('#nav [data-view="apps"] .nav-count')).to_have_text("100")
        changed = page.evaluate(
            """(async () => {
              const { store } = await import(document.querySelector("script").src.replace("main.js", "lib/store.js"));
              const nodes = [...document.querySelectorAll(".process")];
              const made = [];
              const observer = new MutationObserver((records) => made.push(...records.flatMap((record) => [...record.addedNodes])));
              observer.observe(document.querySelector(".projects"), { childList: true, subtree: true });
              store.app("app7").processes[3].cpu = 77;
              store.changed("usage");
              store.flush();
              made.push(...observer.takeRecords().flatMap((record) => [...record.addedNodes]));
              const after = [...document.querySelectorAll(".process")];
              return [nodes.every((node, index) => node === after[index]), made.filter((node) => node.nodeType === 1).length,
                after.filter((node) => node.textContent.includes("77 %")).length];
            })()"""
        )
        assert changed == [True, 0, 1], changed
