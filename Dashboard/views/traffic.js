// Traffic: the requests that go through the proxy, as they happen.

import { Stream, getIfThere, post } from "../lib/api.js";
import { h, setAttribute, setHidden, setText } from "../lib/dom.js";
import { bytes, clock, count, milliseconds } from "../lib/format.js";
import { hueOf } from "../lib/model.js";
import { store } from "../lib/store.js";
import { button, change, choices, searchField, setButtonText, setSentence } from "../lib/ui.js";
import { VirtualList } from "../lib/virtual.js";
import { makeDetails } from "./traffic-details.js";

const most = 1_000;
const ranks = { waiting: 0, answering: 1, failed: 2, done: 2 };

export const trafficView = {
  id: "traffic",
  title: "Traffic",

  make(root) {
    const filter = { text: "", app: "", method: "", status: "all" };
    let records = new Map();
    let found = [];
    let fresh = [];
    let stream = null;
    let isPaused = false;
    let isShown = false;
    let isMissing = false;
    let isAway = false;
    let lost = 0;
    /** Records of the stream while the list is asked for. */
    let sinceOpen = null;
    /** The last request before the list was cleared. */
    let cleared = -1;
    let inspecting = new Set();
    let chosen = null;

    const search = searchField("Filter requests", (text) => {
      filter.text = text.toLowerCase();
      refilter();
    });
    const apps = h("select", { class: "input picker", "aria-label": "App", onChange: () => {
      filter.app = apps.value;
      refilter();
      showInspecting();
    } }, h("option", { value: "" }, "All apps"));
    const methods = h("select", { class: "input picker", "aria-label": "Method", onChange: () => {
      filter.method = methods.value;
      refilter();
    } }, ["All methods", "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"].map((text, index) => h("option", { value: index ? text : "" }, text)));
    const pause = button("pause", "Pause", () => {
      isPaused = !isPaused;
      setAttribute(pause, "aria-pressed", String(isPaused));
      setButtonText(pause, isPaused ? "Go on" : "Pause");
      if (!isPaused) takeIn();
    }, { kind: "toggle" });
    const inspect = button("eye", "Inspect", toggleInspecting, { kind: "toggle" });
    inspect.title = "Records headers and the first 64 KiB of bodies of the chosen app";
    const har = h("a", { class: "button", download: "portless.har", href: "/api/traffic/har" }, h("span", {}, "Export HAR"));
    const total = h("span", { class: "dim count" });
    const bar = h("div", { class: "bar" }, h("h1", {}, "Traffic"), apps, methods, h("span", { class: "gap" }), search.node,
      choices("Status", [["all", "All"], ["2", "2xx"], ["3", "3xx"], ["4", "4xx"], ["5", "5xx"], ["failed", "Failed"]], "all", (status) => {
        filter.status = status;
        refilter();
      }));
    const tools = h("div", { class: "bar under" }, pause, inspect, total, h("span", { class: "gap" }), har,
      button("trash", "Clear", () => {
        cleared = Math.max(cleared, ...records.keys());
        records = new Map();
        choose(null);
        refilter();
      }));
    const heads = h("div", { class: "request-row request-head", "aria-hidden": "true" },
      ["Time", "Method", "Name", "Path", "Status", "Protocol", "Size", "First byte", "Total"].map((text, index) => h("span", { class: `r${index}` }, text)));
    const narrow = matchMedia("(max-width: 700px)");
    const list = new VirtualList({
      rowHeight: narrow.matches ? 52 : 34, label: "Requests", role: "listbox", keyOf: (record) => record.id, makeRow,
      onScrollAway: () => { list.isFollowing = false; }, onReachEnd: () => { list.isFollowing = true; },
    });
    list.isFollowing = true;
    narrow.addEventListener("change", () => {
      list.rowHeight = narrow.matches ? 52 : 34;
      list.redraw();
    });
    const empty = h("div", { class: "empty" });
    const details = makeDetails({
      onClose: () => choose(null, { focus: true }),
      isInspecting: (record) => isInspected(record.host),
      setInspecting: (host, on) => setInspecting(host, on),
    });
    const frame = h("div", { class: "traffic-frame" }, h("div", { class: "requests" }, heads, list.node, empty), details.node);
    root.append(bar, tools, frame);

    list.node.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12 }[event.key];
      if (step) {
        event.preventDefault();
        const at = found.findIndex((record) => record.id === chosen);
        const next = found[at < 0 ? found.length - 1 : Math.max(0, Math.min(found.length - 1, at + step))];
        if (next) choose(next.id);
      } else if (event.key === "Escape") choose(null);
      else if (event.key === "Enter" && chosen !== null) details.focus();
    });

    // Records

    /** The whole list is the proxy's; what the stream tells meanwhile is newer. */
    async function load() {
      sinceOpen = [];
      try {
        const answer = await getIfThere(`/api/traffic?limit=${most}`);
        isMissing = !answer;
        isAway = answer?.watching === false;
        if (answer) records = new Map(answer.records.filter((record) => record.id > cleared).map((record) => [record.id, record]));
        for (const record of sinceOpen) keep(record);
        if (answer) setInspected(answer.inspecting ?? []);
      } catch (error) {
        if (error.status) setText(total, error.message);
      }
      sinceOpen = null;
      refilter();
    }

    function connect() {
      if (stream || !isShown || document.hidden) return;
      stream = new Stream("/api/traffic/follow", {
        onOpen: () => load(),
        onRefused: (refusal) => {
          if (refusal.status !== 404) return;
          isMissing = true;
          disconnect();
          showEmpty();
        },
        onEvent: (name, data) => {
          if (name === "record") take(data);
          else if (name === "inspecting") setInspected(data.hosts);
          else if (name === "lost") {
            lost += data.count;
            showTotal();
          } else if (name === "restarted") {
            records = new Map();
            cleared = -1;
            choose(null);
            refilter();
          }
        },
      });
    }

    function disconnect() {
      stream?.close();
      stream = null;
    }

    function take(record) {
      sinceOpen?.push(record);
      fresh.push(record);
      if (fresh.length > most * 2) fresh = fresh.slice(-most);
      if (fresh.length === 1 && !isPaused) requestAnimationFrame(takeIn);
    }

    function takeIn() {
      if (isPaused) return;
      const added = fresh;
      fresh = [];
      for (const record of added) keep(record);
      refilter();
      const mine = added.find((record) => record.id === chosen);
      if (mine) details.show(mine);
    }

    function keep(record) {
      const known = records.get(record.id);
      // An older answer of the list must not undo what the stream told.
      if (record.id <= cleared || (known && ranks[record.state] < ranks[known.state])) return;
      records.set(record.id, record);
      if (records.size > most) records.delete(records.keys().next().value);
    }

    function matches(record) {
      if (filter.app && (record.app ?? record.host) !== filter.app) return false;
      if (filter.method && record.method !== filter.method) return false;
      if (filter.status === "failed") { if (record.state !== "failed") return false; }
      else if (filter.status !== "all" && String(record.status ?? "")[0] !== filter.status) return false;
      return !filter.text || `${record.host} ${record.method} ${record.path} ${record.status ?? ""} ${record.type ?? ""}`.toLowerCase().includes(filter.text);
    }

    function refilter() {
      found = [...records.values()].sort((a, b) => a.id - b.id).filter(matches);
      list.set(found);
      showWidth();
      showApps();
      showTotal();
      showEmpty();
    }

    /** Names take the width that the longest one needs; the path has the rest. */
    function showWidth() {
      const longest = found.reduce((most, record) => Math.max(most, record.host.length), 12);
      const width = `${Math.min(longest, 44) + 1}ch`;
      if (frame.style.getPropertyValue("--name-width") !== width) frame.style.setProperty("--name-width", width);
    }

    function showApps() {
      const names = [...new Set([...records.values()].map((record) => record.app ?? record.host))].sort();
      if (filter.app && !names.includes(filter.app)) names.push(filter.app);
      if (apps.dataset.names === names.join("\n")) return;
      apps.dataset.names = names.join("\n");
      apps.replaceChildren(h("option", { value: "" }, "All apps"), ...names.map((name) => h("option", { value: name }, name)));
      apps.value = filter.app;
    }

    function showTotal() {
      const text = found.length === records.size ? count(records.size, "request") : `${found.length} of ${count(records.size, "request")}`;
      setText(total, lost ? `${text}, ${lost.toLocaleString("en")} missed` : text);
      const query = filter.app ? `?app=${encodeURIComponent(filter.app)}` : "";
      setAttribute(har, "href", `/api/traffic/har${query}`);
    }

    function showEmpty() {
      setHidden(empty, found.length > 0);
      if (found.length) return;
      const url = store.routes.find((route) => !route.alias && !route.hostname.startsWith("portless."))?.url;
      setSentence(empty, isMissing ? "This server doesn't record traffic. Restart it after an upgrade: `portless server stop && portless server start`"
        : records.size ? "No request matches the filter."
          : isAway ? "The proxy isn't running. It starts with the first app, or by `portless proxy start`."
          : url ? `No request yet. Open ${url}, and it appears here.` : "No request yet. Requests to your apps' names appear here as they happen.");
    }

    // Rows

    function makeRow(record, index, old) {
      const node = old ?? h("div", { class: "request-row", role: "option", onClick: () => choose(record.id, { byClick: true }) },
        Array.from({ length: 9 }, (_, at) => h("span", { class: `r${at}` })));
      const cells = node.children;
      setText(cells[0], clock(new Date(record.at)));
      setText(cells[1], record.method);
      setText(cells[2], record.host || "–");
      setAttribute(cells[2], "title", record.host);
      cells[2].dataset.hue = hueOf(record.app ?? record.host);
      setText(cells[3], record.path);
      setAttribute(cells[3], "title", record.path.slice(0, 500));
      setText(cells[4], record.status ?? (record.state === "failed" ? "failed" : "…"));
      cells[4].dataset.tone = toneOfStatus(record);
      setText(cells[5], record.protocol);
      setText(cells[6], record.responseBytes === undefined ? "" : bytes(record.responseBytes));
      setText(cells[7], milliseconds(record.firstByteMs));
      setText(cells[8], record.totalMs === undefined ? "…" : milliseconds(record.totalMs));
      setAttribute(node, "aria-selected", String(record.id === chosen));
      node.id = `request-${record.id}`;
      return node;
    }

    function choose(id, { byClick = false, focus = false } = {}) {
      chosen = id;
      frame.classList.toggle("with-details", id !== null);
      const record = id === null ? null : records.get(id);
      if (record) list.isFollowing = list.isFollowing && found.at(-1)?.id === id;
      details.show(record ?? null, { isNew: true });
      showInspecting();
      setAttribute(list.node, "aria-activedescendant", record ? `request-${id}` : null);
      for (const node of list.space.children) setAttribute(node, "aria-selected", String(node.id === `request-${id}`));
      if (record && !byClick) list.scrollToIndex(found.indexOf(record));
      if (focus) list.node.focus();
      list.schedule();
    }

    // Inspecting

    function setInspected(hosts) {
      inspecting = new Set(hosts);
      showInspecting();
      details.refresh();
    }

    /** A name stands for those under it, too, and `*` for all. */
    const inspectedBy = (host) => [...inspecting].filter((known) => known === "*" || known === host || host.endsWith(`.${known}`));
    const isInspected = (host) => inspectedBy(host).length > 0;

    /** The host of the chosen app, or of the chosen request. */
    function hostToInspect() {
      const record = records.get(chosen);
      if (filter.app) return [...records.values()].find((record) => (record.app ?? record.host) === filter.app)?.host ?? null;
      return record?.host ?? null;
    }

    function showInspecting() {
      const host = hostToInspect();
      const on = host ? isInspected(host) : inspecting.size > 0;
      setAttribute(inspect, "aria-pressed", String(on));
      const all = inspecting.has("*") ? "all" : [...inspecting].join(", ");
      setButtonText(inspect, host ? (on ? `Inspecting ${host}` : `Inspect ${host}`) : on ? `Inspecting ${all}` : "Inspect all");
    }

    async function toggleInspecting() {
      const host = hostToInspect();
      if (host && !isInspected(host)) return setInspecting(host, true);
      if (!host && !inspecting.size) return setInspecting("*", true);
      for (const known of host ? inspectedBy(host) : inspecting) if (!(await setInspecting(known, false))) return;
    }

    async function setInspecting(host, on) {
      const answer = await change(() => post("/api/traffic/inspect", { host, on }));
      if (answer?.inspecting) setInspected(answer.inspecting);
      return answer;
    }

    document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
    store.on(["routes"], showEmpty);

    return {
      show() {
        isShown = true;
        list.shown();
        connect();
        showEmpty();
        showInspecting();
      },
      hide() {
        isShown = false;
        disconnect();
      },
      visit([id]) {
        if (/^\d+$/.test(id ?? "") && records.has(Number(id))) choose(Number(id));
      },
      key(event) {
        if (event.key === "ArrowDown" || event.key === "ArrowUp") list.node.focus();
      },
    };
  },
};

function toneOfStatus(record) {
  if (record.state === "failed" || record.status >= 500) return "bad";
  if (record.status >= 400) return "busy";
  return record.status ? "good" : "off";
}
