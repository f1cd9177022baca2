"""The page as a whole: keyboard, small screens, both schemes, lost connections, accessibility."""

import os
import signal

from axe_playwright_python.sync_playwright import Axe

from world import *

VIEWS = ["apps", "logs", "ports", "traffic", "health"]


def keyboard():
    """Everything by keys alone."""
    shop()
    with browser() as chrome:
        page = chrome.page()
        expect(card(page, "shop")).to_be_visible()
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text("Skip to the content")
        for key, title in zip("12345", ["Apps", "Logs", "Ports", "Traffic", "Health"]):
            page.keyboard.press(key)
            expect(page.locator(".view:visible h1:visible")).to_have_text(title)
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_contain_text("Keyboard shortcuts")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.keyboard.press("1")
        page.keyboard.press("/")
        expect(page.get_by_label("Filter apps")).to_be_focused()
        page.keyboard.press("Escape")

        page.keyboard.press("Control+k")
        page.keyboard.type("stop shop worker")
        expect(page.locator("#palette-list [aria-selected=true]")).to_contain_text("Stop shop worker")
        page.keyboard.press("Enter")
        expect(row(page, "shop", "worker")).to_contain_text("Stopped")
        page.keyboard.press("Control+k")
        page.keyboard.type("logs of shop")
        page.keyboard.press("Enter")
        expect(page.locator(".view:visible h1:visible")).to_have_text("Logs")
        expect(page.locator(".line").first).to_be_visible()
        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        page.keyboard.press("f")
        expect(page.get_by_role("button", name="Follow")).to_be_visible()

        # By Tab to a process's button, and Enter.
        page.keyboard.press("1")
        expect(row(page, "shop", "worker").get_by_role("button", name="Start worker of shop")).to_be_visible()
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.getAttribute('aria-label')") == "Start worker of shop":
                break
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"
        page.keyboard.press("Enter")
        expect(row(page, "shop", "worker")).to_contain_text("Running")
        page.keyboard.press("t")
        assert page.evaluate("document.documentElement.dataset.theme") == "light"


def narrow():
    """Nothing scrolls sideways on a phone or a small window, and all of it can be reached."""
    folder = project("a-rather-long-name-for-an-app-that-its-team-chose", {
        "web": WEB, "worker-with-a-long-name-of-its-own": {"command": "node long.js", "autorestart": False},
    }, {"long.js": 'console.error("x".repeat(900)); process.exit(1)'})
    portless("up", folder=folder, check=False)
    with browser() as chrome:
        for width in (375, 768, 1024, 1440):
            page = chrome.page(width=width, height=812)
            expect(page.locator(".card").first).to_be_visible()
            for view in VIEWS:
                page.locator(f'#nav [data-view="{view}"]').click()
                expect(page.locator(f".view-{view} h1:visible")).to_be_visible()
                page.wait_for_timeout(300)
                no_sideways_scrolling(page)
            page.keyboard.press("Control+k")
            no_sideways_scrolling(page)
            page.context.close()


def dark():
    """The scheme is the system's, until it is chosen."""
    portless("server", "start")
    with browser() as chrome:
        light = """(() => { const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).map(Number);
                   return (red + green + blue) / 3 > 128; })()"""
        page = chrome.page(scheme="dark")
        expect(page.locator("h1:visible")).to_be_visible()
        assert not page.evaluate(light)
        page.emulate_media(color_scheme="light")
        assert page.evaluate(light)
        page.keyboard.press("t")
        page.keyboard.press("t")
        assert not page.evaluate(light)
        page.reload()
        assert not page.evaluate(light)


def connection():
    """A lost connection is visible within three seconds, and all is right again after it."""
    folder = shop()
    with browser() as chrome:
        chrome.may_lose_connection = True
        page = chrome.page()
        live = page.locator(".live")
        expect(live).to_contain_text("Live")

        # A server that hangs.
        daemon = server_daemon()
        os.kill(daemon, signal.SIGSTOP)
        start = time.monotonic()
        expect(page.locator("#notice:visible")).to_contain_text("connection to the server is lost")
        print(f"a frozen server shows after {time.monotonic() - start:.1f} s")
        os.kill(daemon, signal.SIGCONT)
        expect(live).to_contain_text("Live")
        expect(page.locator("#notice")).to_be_hidden()

        # One that crashes, and one that is away while something happens.
        os.kill(daemon, signal.SIGKILL)
        eventually("another server", lambda: server_daemon() != daemon)
        expect(live).to_contain_text("Live")
        portless("server", "stop")
        expect(page.locator("#notice:visible")).to_contain_text("connection to the server is lost")
        portless("down", folder=folder)
        expect(live).to_contain_text("Live")
        expect(row(page, "shop", "web")).to_contain_text("Stopped")
        expect(page.locator("#notice")).to_be_hidden()
        card(page, "shop").get_by_role("button", name="Start shop", exact=True).click()
        expect(row(page, "shop", "web")).to_contain_text("Online")


def accessible():
    """No violation of axe-core's rules, in any view, dialog and scheme."""
    folder = project("shop", {"web": WEB, "broken": {"command": "node broken.js", "autorestart": False}}, {"broken.js": "console.error('no'); process.exit(1)"})
    portless("up", folder=folder, check=False)
    with browser() as chrome:
        found = []

        def check(page, place):
            # What is from before a lost connection is dimmed.
            expect(page.locator(".live")).to_contain_text("Live")
            result = Axe().run(page)
            for violation in result.response["violations"]:
                for node in violation["nodes"][:3]:
                    found.append(f"{place}: {violation['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:300]}")

        for scheme, width in (("light", 1280), ("dark", 1280), ("light", 375)):
            page = chrome.page(scheme=scheme, width=width)
            for view in VIEWS:
                page.goto(f"{API}/#/{view}")
                expect(page.locator(f".view-{view} h1:visible")).to_be_visible()
                page.wait_for_timeout(800)
                check(page, f"{view} {scheme} {width}")
            page.goto(f"{API}/#/apps")
            page.keyboard.press("Control+k")
            check(page, f"palette {scheme}")
            page.keyboard.press("Escape")
            page.keyboard.press("?")
            check(page, f"shortcuts {scheme}")
            page.keyboard.press("Escape")
            card(page, "shop").get_by_role("button", name="More about shop").click()
            check(page, f"more {scheme}")
            page.keyboard.press("Escape")
            page.goto(f"{API}/#/ports")
            page.locator(".port-cell").first.click()
            expect(page.get_by_role("dialog")).to_be_visible()
            check(page, f"explain {scheme}")
            page.keyboard.press("Escape")
            page.get_by_role("button", name="Lease ports").click()
            check(page, f"lease {scheme}")
            page.context.close()
        chrome.may_lose_connection = True
        assert not found, "\n".join(found)
