"""Logs: following over restarts of the server, search, pausing, wrapping, 100,000 lines."""

import os
import re
import signal

from world import *


def numbers(page):
    """The numbers of all lines that the page has, by its own copy of them."""
    text = copied(page, page.get_by_role("button", name="Copy", exact=True))
    return [int(number) for number in re.findall(r"\| line (\d+)$", text, re.MULTILINE)]


def without_gaps(page):
    found = numbers(page)
    assert found and found == list(range(found[0], found[0] + len(found))), found
    return found[-1]


def lines_in_view(page):
    """The numbers of the flood's lines that are in the document, from top to bottom."""
    texts = page.evaluate(
        """[...document.querySelectorAll(".line")].map((line) => [line.getBoundingClientRect().top, line.textContent])
           .sort((a, b) => a[0] - b[0]).map(([, text]) => text)"""
    )
    return [int(found[1]) for text in texts if (found := re.search(r"line (\d+) of a flood", text))]


def following():
    """New lines appear; none is lost or doubled over a crash and a stop of the server."""
    shop()
    with browser() as chrome:
        chrome.may_lose_connection = True
        page = chrome.page("/#/logs/shop/worker")
        last_line = page.locator(".line").last
        expect(last_line).to_contain_text("line ")
        os.kill(server_daemon(), signal.SIGKILL)
        before = without_gaps(page)
        eventually("lines after the crash", lambda: numbers(page)[-1] > before + 100)
        without_gaps(page)
        portless("server", "stop")
        page.wait_for_timeout(500)
        before = without_gaps(page)
        portless("server", "start")
        eventually("lines after the restart", lambda: numbers(page)[-1] > before + 100)
        without_gaps(page)
        expect(page.locator(".live")).to_contain_text("Live")


def reading():
    """Search, filters, pause on scroll, wrapping, download."""
    folder = project("shop", {
        "jobs": {"command": "node long.js"}, "worker": {"command": "node counter.js"},
    }, {"long.js": 'console.log("needle " + "x".repeat(3000)); console.error("\\u001b[31mred needle\\u001b[0m"); setInterval(() => {}, 1000)'})
    portless("up", folder=folder)
    with browser() as chrome:
        page = chrome.page("/#/logs/shop")
        log = page.locator(".log")
        expect(page.locator(".line").last).to_contain_text("line ")
        page.get_by_label("Search", exact=True).fill("needle")
        expect(page.locator(".line")).to_have_count(2)
        expect(page.locator(".line mark").first).to_have_text("needle")
        expect(page.locator(".line.stderr .ansi-red").first).to_be_visible()
        page.get_by_role("button", name="stderr").click()
        expect(page.locator(".line")).to_have_count(1)
        page.get_by_role("button", name="All", exact=True).last.click()
        page.keyboard.press("Escape")
        page.locator("body").press("w")
        heights = "[...document.querySelectorAll('.line')].map((line) => line.getBoundingClientRect().height)"
        eventually("a wrapped line", lambda: max(page.evaluate(heights)) > 200)
        page.locator("body").press("w")
        page.get_by_label("Search", exact=True).fill("")

        eventually("a page of lines", lambda: page.evaluate("document.querySelector('.log').scrollHeight") > 3000)
        page.get_by_role("group", name="Process").get_by_role("button", name="worker").click()
        expect(page.locator(".line .source")).to_have_count(0)
        log.hover()
        page.mouse.wheel(0, -800)
        expect(page.get_by_role("button", name="Follow")).to_be_visible()
        expect(page.locator(".newer")).to_contain_text("new line")
        top = settled(page, "document.querySelector('.log').scrollTop")
        newer = page.locator(".newer").inner_text()
        expect(page.locator(".newer")).not_to_have_text(newer)
        assert page.evaluate("document.querySelector('.log').scrollTop") == top
        page.keyboard.press("1")
        expect(page.locator(".view-logs")).to_be_hidden()
        page.keyboard.press("2")
        eventually("the same place after another view", lambda: page.evaluate("document.querySelector('.log').scrollTop") == top)
        expect(page.get_by_role("button", name="Follow")).to_be_visible()
        page.locator(".newer").click()
        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download").click()
        assert "worker | line 0\n" in pathlib.Path(download.value.path()).read_text()


def flood():
    """100,000 lines: only those in sight are in the document, wherever one scrolls."""
    folder = project("shop", {"worker": {"command": "node flood.js"}}, {"flood.js": """
        const fs = require("fs");
        const go = process.cwd() + "/go";
        const timer = setInterval(() => {
          if (!fs.existsSync(go)) return;
          clearInterval(timer);
          let text = "";
          for (let n = 0; n < 100000; n++) text += `line ${n} of a flood\\n`;
          process.stdout.write(text);
          setInterval(() => {}, 1000);
        }, 50);
        """})
    portless("up", folder=folder)
    with browser() as chrome:
        page = chrome.page("/#/logs/shop")
        expect(page.locator(".line").last).to_be_visible()
        (folder / "go").touch()
        expect(page.locator(".line").last).to_contain_text("line 99999 of a flood", timeout=60_000)
        assert page.locator(".line").count() < 150
        # Wherever one scrolls, a screenful of lines is there, in order.
        for share in (0.3, 0.9, 0.1, 0.6):
            page.evaluate("(share) => { const log = document.querySelector('.log'); log.scrollTop = log.scrollHeight * share; }", share)
            eventually(f"lines at {share}", lambda: (shown := lines_in_view(page)) and abs(shown[0] - 100_000 * share) < 2_000)
            shown = lines_in_view(page)
            assert shown == list(range(shown[0], shown[0] + len(shown))) and 20 < len(shown) < 150, shown
        page.get_by_label("Search", exact=True).fill("line 4242 of")
        expect(page.locator(".line")).to_have_count(1)
