"""Logs: following over restarts of the server, search, pausing, wrapping, 100,000 lines."""

import os
import re
import signal

from world import *


def numbers(page):
    """The numbers of all lines that the page has, by its own copy of them."""
    page.get_by_role("button", name="Copy", exact=True).click()
    page.wait_for_timeout(200)
    text = page.evaluate("navigator.clipboard.readText()")
    return [int(number) for number in re.findall(r"\| line (\d+)$", text, re.MULTILINE)]


def without_gaps(page):
    found = numbers(page)
    assert found and found == list(range(found[0], found[0] + len(found))), found
    return found[-1]


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
        heights = page.evaluate("[...document.querySelectorAll('.line')].map((line) => line.getBoundingClientRect().height)")
        assert max(heights) > 200, heights
        page.locator("body").press("w")
        page.get_by_label("Search", exact=True).fill("")

        eventually("a page of lines", lambda: page.evaluate("document.querySelector('.log').scrollHeight") > 3000)
        page.get_by_role("group", name="Process").get_by_role("button", name="worker").click()
        expect(page.locator(".line .source")).to_have_count(0)
        log.hover()
        page.mouse.wheel(0, -800)
        expect(page.get_by_role("button", name="Follow")).to_be_visible()
        expect(page.locator(".newer")).to_contain_text("new line")
        top = page.evaluate("document.querySelector('.log').scrollTop")
        page.wait_for_timeout(600)
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
    """100,000 lines: only those in sight are in the document, and scrolling stays smooth."""
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
        slowest, middle = page.evaluate(
            """(async () => {
              const log = document.querySelector(".log");
              const frame = () => new Promise(requestAnimationFrame);
              const times = [];
              for (let at = 0; at < 60; at++) {
                const start = performance.now();
                log.scrollTop = (log.scrollHeight * ((at * 7) % 60)) / 60;
                await frame();
                await frame();
                times.push(performance.now() - start);
              }
              times.sort((a, b) => a - b);
              return [times.at(-1), times[30]];
            })()"""
        )
        print(f"100,000 lines: two frames of scrolling take {middle:.0f} ms, at most {slowest:.0f} ms")
        assert middle < 120, middle
        start = time.monotonic()
        page.get_by_label("Search", exact=True).fill("line 4242 of")
        expect(page.locator(".line")).to_have_count(1)
        print(f"a search among them takes {time.monotonic() - start:.2f} s")
