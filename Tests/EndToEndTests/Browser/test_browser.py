"""The view of the managed browser; answers of the API are made up where it would start one."""

from test_crashes import well_made
from world import *

OFF = {
    "status": "unhealthy", "cdpPort": 5556, "cdpHost": "127.0.0.1", "cdpEndpoint": "http://127.0.0.1:5556", "headless": False,
    "healthPort": 5557, "state": "not-started", "reason": None, "pid": None, "connected": False, "product": None,
}
ON = {**OFF, "status": "healthy", "state": "online", "pid": 4711, "connected": True, "product": "Chrome/150.0.1.2", "headless": True}
PAGES = [
    {"id": "A", "title": "The shop", "url": "https://shop.localhost/"},
    {"id": "B", "title": "<b>bold</b>", "url": "javascript:alert(1)"},
]


def managed():
    """It can be started and stopped, says why it doesn't run, and lists its pages."""
    portless("server", "start")
    with browser() as chrome:
        page = chrome.page("/#/health")
        state = {"now": OFF, "asked": []}

        def answer(route):
            path = route.request.url.split("/api/browser/")[1]
            if route.request.method == "POST":
                state["asked"].append(path)
                state["now"] = {"stop": {**OFF, "state": "stopped"}}.get(path, ON)
            route.fulfill(json=PAGES if path == "pages" else state["now"])

        page.route("**/api/browser/*", answer)
        page.keyboard.press("8")
        view = page.locator(".view-browser")
        expect(view.get_by_role("status")).to_have_text("not running")
        expect(view).to_contain_text("The browser doesn't run.")
        well_made(page, "browser off")
        view.get_by_role("button", name="Start", exact=True).click()
        expect(view.get_by_role("status")).to_have_text("running")
        expect(view).to_contain_text("Chrome/150.0.1.2")
        expect(view.get_by_role("link", name="https://shop.localhost/")).to_be_visible()
        expect(view).to_contain_text("<b>bold</b>")
        assert view.locator("a[href^=javascript]").count() == 0
        well_made(page, "browser on")
        page.set_viewport_size({"width": 390, "height": 760})
        well_made(page, "browser on a telephone")
        view.get_by_role("button", name="Stop", exact=True).click()
        expect(view.get_by_role("status")).to_have_text("not running")
        assert state["asked"] == ["launch", "stop"]
        state["now"] = {**OFF, "state": "errored", "reason": "Port 5556 is held by node (812)."}
        expect(view).to_contain_text("Port 5556 is held by node (812).")
