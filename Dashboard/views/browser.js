// The managed browser: whether it runs, which pages it has open, and its start and stop.

import { get, post } from "../lib/api.js";
import { h, keyed, link, setAttribute, setHidden, setText } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { store } from "../lib/store.js";
import { button, change, command, setSentence, tell, whileBusy } from "../lib/ui.js";

/** Events tell of its process, and nothing of its pages. */
const pause = 3_000;

export const browserView = {
  id: "browser",
  title: "Browser",

  make(root) {
    let isShown = true;
    let pages = [];
    const dot = h("span", { class: "dot" });
    const state = h("span", { class: "state", role: "status" });
    const start = button("play", "Start", act("launch", "The browser is running."), { kind: "main" });
    const stop = button("stop", "Stop", act("stop", "The browser is stopped."));
    const restart = button("restart", "Restart", act("restart", "The browser is running again."));
    const logs = h("a", { class: "button", href: "#/logs/portless-browser" }, icon("logs"), h("span", {}, "Logs"));
    const facts = h("dl", { class: "pairs" });
    const reason = h("p", { class: "warning-text" });
    const list = h("ul", { class: "names" });
    const none = h("p", { class: "dim" });
    root.append(
      h("div", { class: "bar" }, h("h1", {}, "Browser"), dot, state, h("span", { class: "gap" }), logs, restart, stop, start),
      h("div", { class: "health-grid" },
        h("section", { class: "panel" }, h("h2", {}, "Managed browser"), reason, facts),
        h("section", { class: "panel" }, h("h2", {}, "For agents and tests"),
          h("p", {}, "A Chrome or Chromium with a profile of its own. It knows the names of your apps without DNS, trusts their certificates, and speaks the DevTools protocol."),
          command("portless browser open shop"), command("portless browser screenshot -o shop.png")),
        h("section", { class: "panel wide" }, h("h2", {}, "Open pages"), list, none)));

    const showPages = keyed(list, (page) => page.id, () => {
      const title = h("span", {});
      const place = h("span", { class: "url" });
      const node = h("li", {}, title, place);
      return {
        node,
        update({ title: name, url }) {
          setText(title, name || "Without a title");
          if (place.dataset.url === url) return;
          place.dataset.url = url;
          place.replaceChildren(link(url, url));
        },
      };
    });

    function act(verb, done) {
      return (event) => whileBusy(event.currentTarget, async () => {
        const answer = await change(() => post(`/api/browser/${verb}`, {}));
        if (!answer?.status) return;
        store.browser = answer;
        store.changed("browser");
        if (verb === "stop" || answer.connected) tell(done);
        else tell(answer.reason ?? "The browser doesn't answer.", { isProblem: true });
      })();
    }

    function show() {
      const { browser } = store;
      if (!browser) return;
      const isOurs = ["starting", "online", "stopping", "crash-looping"].includes(browser.state);
      dot.dataset.tone = browser.connected ? "good" : isOurs ? "busy" : browser.state === "errored" ? "bad" : "off";
      setText(state, browser.connected ? (isOurs ? "running" : "running, not started by Portless") : isOurs ? browser.state.replace("-", " ") : "not running");
      setHidden(start, isOurs || browser.connected);
      for (const control of [stop, restart]) setHidden(control, !isOurs);
      setHidden(logs, browser.state === "not-started");
      setHidden(reason, !browser.reason);
      setSentence(reason, browser.reason);
      const rows = [
        ["Product", browser.product ?? "—"], ["Window", browser.connected ? (browser.headless ? "none (headless)" : "yes") : "—"],
        ["DevTools", browser.cdpEndpoint], ["Health", `http://127.0.0.1:${browser.healthPort}/health`], ["PID", browser.pid ?? "—"],
      ];
      const shown = JSON.stringify(rows);
      if (facts.dataset.shown !== shown) {
        facts.dataset.shown = shown;
        facts.replaceChildren(...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", { class: "mono" }, String(value))]));
      }
      if (!browser.connected) pages = [];
      showPages(pages);
      setHidden(list, pages.length === 0);
      setHidden(none, pages.length > 0);
      setText(none, browser.connected ? "No page is open." : "The browser doesn't run.");
    }

    async function look() {
      if (!isShown || document.hidden || !store.connection.isLive) return;
      await store.load("browser");
      if (store.browser?.connected) {
        pages = await get("/api/browser/pages").catch(() => []);
      }
      show();
    }

    store.on(["browser"], show);
    setInterval(look, pause);
    setAttribute(root, "aria-label", "Managed browser");

    return {
      show() {
        isShown = true;
        look();
      },
      hide() {
        isShown = false;
      },
    };
  },
};
