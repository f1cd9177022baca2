"""The view of jobs, with jobs of the test's own server."""

from test_crashes import well_made
from world import *

TALK = """
import sys, time
print("\\033[32mready\\033[0m", flush=True)
for line in range(5): print("line", line, flush=True)
print("trouble", file=sys.stderr, flush=True)
time.sleep(600)
"""


def job(page, name):
    return page.locator(".job").filter(has=page.get_by_role("heading", name=name, exact=True))


def running():
    """A job appears by itself, its output is followed, and it can be stopped and forgotten."""
    portless("server", "start")
    with browser() as chrome:
        page = chrome.page("/#/jobs")
        expect(page.get_by_role("heading", name="Commands that outlive the terminal")).to_be_visible()
        tab = page.locator('#nav [data-view="jobs"]')
        expect(tab).to_be_hidden()
        well_made(page, "no jobs")
        portless("jobs", "run", "--name", "talk", "--", "python3", "-c", TALK)
        portless("jobs", "run", "--name", "wrong", "--wait", "--", "sh", "-c", "echo why; exit 7", check=False)
        talk = job(page, "talk")
        expect(talk).to_contain_text("running for")
        expect(tab.locator(".nav-count")).to_have_text("1")
        expect(page.locator(".summary").locator("visible=true")).to_have_text("1 running, 1 ended")
        expect(job(page, "wrong")).to_contain_text("failed, exit code 7")
        talk.get_by_role("button", name="Output of talk").click()
        output = talk.locator(".job-output")
        expect(output).to_contain_text("line 4")
        expect(output.locator(".ansi-green")).to_have_text("ready")
        expect(output.locator(".stderr")).to_contain_text("trouble")
        assert page.url.endswith(f"#/jobs/{talk.get_attribute('data-job')}")
        well_made(page, "jobs")
        assert "line 4" in copied(page, talk.get_by_role("button", name="Copy the output"))
        # One card is open at a time.
        job(page, "wrong").get_by_role("button", name="Output of wrong").click()
        expect(output).to_be_hidden()
        expect(job(page, "wrong").locator(".job-output")).to_contain_text("why")
        talk.get_by_role("button", name="Stop talk").click()
        expect(talk).to_contain_text("stopped by signal 15")
        expect(tab.locator(".nav-count")).to_be_hidden()
        job(page, "wrong").get_by_role("button", name="Forget wrong").click()
        expect(job(page, "wrong")).to_have_count(0)
        page.get_by_role("button", name="Forget the ended").click()
        page.get_by_role("button", name="Forget", exact=True).click()
        expect(page.get_by_role("heading", name="Commands that outlive the terminal")).to_be_visible()
        assert not request("GET", "/api/jobs")["jobs"]
        # A browser that may only look.
        portless("jobs", "run", "--name", "mine", "--", "sleep", "600")
        guest = chrome.page("/#/jobs", signed_in=False)
        job(guest, "mine").get_by_role("button", name="Stop mine").click()
        expect(guest.locator("dialog.sign-in")).to_be_visible()
        assert request("GET", "/api/jobs/mine")["state"] == "running"
        chrome.complaints = [text for text in chrome.complaints if "401" not in text]
        portless("jobs", "kill", "mine")


def hostile():
    """Markup in names of commands and in output stays text, a flood stays bounded, and it fits a telephone."""
    portless("server", "start")
    markup = "<img src=x onerror=alert(1)>"
    portless("jobs", "run", "--wait", "--name", "markup", "--", "echo", markup)
    portless("jobs", "run", "--wait", "--name", "flood", "--", "python3", "-c", "for n in range(20000): print(n, 'x' * 200)")
    portless("jobs", "run", "--wait", "--name", "long", "--", "true", "y" * 3000)
    with browser() as chrome:
        page = chrome.page("/#/jobs/markup", width=390, height=760)
        expect(job(page, "markup").locator(".job-output")).to_contain_text(markup)
        assert page.locator(".job img").count() == 0
        job(page, "flood").get_by_role("button", name="Output of flood").click()
        expect(job(page, "flood").locator(".job-output")).to_contain_text("19999 ")
        assert job(page, "flood").locator(".job-line").count() <= 1000
        well_made(page, "telephone")
        page.locator(".search-field input").locator("visible=true").fill("yyyy")
        expect(page.locator(".job")).to_have_count(1)
        page.locator(".search-field input").locator("visible=true").fill("nothing of that")
        expect(page.locator(".view-jobs")).to_contain_text("No job matches")
