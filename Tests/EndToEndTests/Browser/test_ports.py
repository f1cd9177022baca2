"""Ports: the map's content, explanations, the table, leasing and releasing."""

import socket

from world import *


def port_map():
    """The picture shows what the API tells: blocks with labels, listeners, a conflict, what is free."""
    folder = project("shop", {"web": WEB, "browser": {"command": "node server.js", "ports": ["cdp", "health"]}})
    portless("up", folder=folder)
    portless("ports", "lease", "idle", "api", "db")
    with browser() as chrome:
        page = chrome.page("/#/ports")
        rows = request("GET", "/api/ports")["ports"]
        looks = {"listening": "listening", "leased": "leased"}

        def differences():
            """Where the page shows something else than the API tells at this moment."""
            found = []
            for entry in request("GET", "/api/ports")["ports"]:
                if entry["app"] in ("shop", "idle"):
                    cell = page.locator(f'.port-cell[href="#/ports/{entry["port"]}"]')
                    shown = (cell.get_attribute("data-look"), cell.locator(".cell-label").inner_text())
                    if shown != (looks.get(entry["state"], "trouble"), entry["label"]):
                        found.append((shown, entry))
            return found

        eventually("the picture is what the API tells", lambda: not differences())
        assert len([entry for entry in rows if entry["app"] in ("shop", "idle")]) == 5, rows
        expect(page.locator(".segment-title", has_text="idle")).to_be_visible()
        port = next(entry["port"] for entry in rows if entry["app"] == "shop" and entry["label"] == "ui")
        page.locator(f'.port-cell[href="#/ports/{port}"]').click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text(f"Port {port}")
        expect(dialog).to_contain_text("shop has it as ui")
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)

        # A stop shows at once.
        request("POST", "/api/apps/shop/stop", {"process": "web"})
        expect(page.locator(f'.port-cell[href="#/ports/{port}"]')).not_to_have_attribute("data-look", "listening")


def table():
    """Filter, sort, strangers."""
    shop()
    with socket.create_server(("127.0.0.1", 0)) as stranger, browser() as chrome:
        other = stranger.getsockname()[1]
        page = chrome.page("/#/ports")
        expect(page.locator("tbody tr").first).to_be_visible()
        expect(page.locator("tbody tr", has_text=str(other))).to_have_count(0)
        page.get_by_role("button", name="All listeners").click()
        expect(page.locator("tbody tr", has_text=str(other))).to_contain_text("python")
        page.get_by_label("Filter ports").fill("shop")
        expect(page.locator("tbody tr:visible")).to_have_count(1)
        page.get_by_label("Filter ports").fill("")
        page.locator("th[data-key=port] button").click()
        expect(page.locator("th[aria-sort=descending]")).to_contain_text("Port")
        ports = page.evaluate("[...document.querySelectorAll('tbody tr')].map((row) => +row.firstChild.textContent)")
        assert ports == sorted(ports, reverse=True), ports


def leases():
    """A block is leased and released from the page; a stranger's process is ended."""
    portless("server", "start")
    with browser() as chrome:
        page = chrome.page("/#/ports")
        page.get_by_role("button", name="Lease ports").click()
        page.get_by_label("App", exact=True).fill("atlas")
        page.get_by_label("Labels").fill("api db")
        page.get_by_role("button", name="Lease", exact=True).click()
        expect(page.locator(".segment-title", has_text="atlas")).to_be_visible()
        rows = [entry for entry in request("GET", "/api/ports")["ports"] if entry["app"] == "atlas"]
        assert len(rows) == 2, rows
        page.locator(f'.port-cell[href="#/ports/{rows[0]["port"]}"]').click()
        page.get_by_role("button", name="Release the block of atlas").click()
        page.get_by_role("button", name="Release", exact=True).click()
        expect(page.locator(".segment-title", has_text="atlas")).to_have_count(0)

        stranger = subprocess.Popen(
            ["python3", "-u", "-m", "http.server", "--bind", "127.0.0.1", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        port = int(stranger.stdout.readline().split("port ")[1].split()[0])
        page.goto(f"{API}/#/ports/{port}")
        expect(page.get_by_role("dialog")).to_contain_text("http.server")
        page.get_by_role("button", name="End the process").click()
        page.get_by_role("button", name="End it").click()
        assert stranger.wait(60) != 0
