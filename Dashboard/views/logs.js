// Logs: the lines of one app as they are written, from all of its processes or some.

import { pieces, plain } from "../lib/ansi.js";
import { Stream } from "../lib/api.js";
import { h, keyed, setAttribute, setHidden, setText } from "../lib/dom.js";
import { clock, count } from "../lib/format.js";
import { icon, setIcon } from "../lib/icons.js";
import { toneOf } from "../lib/model.js";
import { store } from "../lib/store.js";
import { button, choices, copy, download, searchField, setButtonText, setSentence } from "../lib/ui.js";
import { VirtualList } from "../lib/virtual.js";

/** Older lines make room for new ones; all of them are in the log files. */
const most = 100_000;
const firstLines = 5_000;
const lineHeight = 20;
/** Of a longer line the beginning is shown. */
const longest = 8_000;

export const logsView = {
  id: "logs",
  title: "Logs",

  make(root) {
    const state = { key: null, process: null, stream: "all", text: "", isWrapped: false, isShown: false };
    let lines = [];
    let found = [];
    let fresh = [];
    let stream = null;
    let lastCursor = -Infinity;
    let columns = 80;
    let serial = 0;

    // Controls

    const picker = h("select", { class: "input picker", "aria-label": "App", onChange: () => go(picker.value) });
    const processes = h("span", { class: "choices", role: "group", "aria-label": "Process" });
    const search = searchField("Search", (text) => {
      state.text = text.toLowerCase();
      refilter();
    });
    const follow = button("follow", "Follow", () => setFollowing(!list.isFollowing), { kind: "toggle" });
    const wrap = button("wrap", "Wrap", () => setWrapped(!state.isWrapped), { kind: "toggle" });
    const total = h("span", { class: "dim count" });
    const bar = h("div", { class: "bar" }, h("h1", {}, "Logs"), picker, processes, h("span", { class: "gap" }), search.node,
      choices("Stream", [["all", "All"], ["out", "stdout"], ["err", "stderr"]], "all", (value) => {
        state.stream = value;
        refilter();
      }));
    const tools = h("div", { class: "bar under" }, follow, wrap, total, h("span", { class: "gap" }),
      button("copy", "Copy", () => copy(asText(), `${count(found.length, "line")} copied.`)),
      button("download", "Download", () => download(`${state.key}.log`, asText(), "text/plain")),
      button("trash", "Clear", () => {
        lines = [];
        refilter();
      }));
    const list = new VirtualList({
      rowHeight: lineHeight, label: "Log lines", keyOf: (line) => line.serial, makeRow,
      onScrollAway: () => setFollowing(false), onReachEnd: () => setFollowing(true),
    });
    list.node.classList.add("log");
    const empty = h("p", { class: "empty" });
    const newer = h("button", { type: "button", class: "newer", hidden: true, onClick: () => setFollowing(true) }, icon("follow"), h("span", {}));
    root.append(bar, tools, h("div", { class: "log-frame" }, list.node, empty, newer));

    const showProcesses = keyed(processes, (entry) => entry.name ?? "", () => {
      const dot = h("span", { class: "dot" });
      const text = h("span", {});
      let entry;
      const node = h("button", { type: "button", class: "choice", onClick: () => go(state.key, entry.name) }, dot, text);
      return {
        node,
        update(next) {
          entry = next;
          setText(text, entry.name ?? "All");
          setHidden(dot, !entry.tone);
          dot.dataset.tone = entry.tone ?? "";
          setAttribute(node, "aria-pressed", String((state.process ?? null) === entry.name));
        },
      };
    });

    function go(key, process) {
      location.hash = `#/logs/${[key, process].filter(Boolean).map(encodeURIComponent).join("/")}`;
    }

    function showApps() {
      const apps = (store.apps ?? []).filter((app) => app.isSupervised);
      const wanted = apps.map((app) => app.key).join("\n");
      if (picker.dataset.apps !== wanted) {
        picker.dataset.apps = wanted;
        picker.replaceChildren(...apps.map((app) => h("option", { value: app.key }, app.name)));
      }
      if (!state.key && apps.length && state.isShown) open(apps[0].key, null);
      if (state.key && apps.some((app) => app.key === state.key)) picker.value = state.key;
      const app = store.app(state.key);
      if (app) connect();
      showProcesses(app ? [{ name: null }, ...app.processes.map((process) => ({ name: process.name, tone: toneOf(process.state) }))] : []);
      showEmpty();
    }

    function showEmpty() {
      const isEmpty = found.length === 0;
      setHidden(empty, !isEmpty);
      if (!isEmpty) return;
      setSentence(empty, !store.apps ? "Loading…"
        : !state.key ? "No app was brought up yet. `portless up` in a project's folder starts its processes; their lines appear here."
          : lines.length ? "No line matches." : "Nothing was written yet.");
    }

    // Lines

    function open(key, process) {
      const isSame = key === state.key;
      state.key = key;
      state.process = process;
      if (!isSame) {
        lines = [];
        fresh = [];
        lastCursor = -Infinity;
        disconnect();
        connect();
        setFollowing(true);
      }
      refilter();
      showApps();
    }

    function connect() {
      if (stream || !state.key || !state.isShown || document.hidden) return;
      const path = `/api/apps/${encodeURIComponent(state.key)}/logs/follow?lines=${firstLines}`;
      stream = new Stream(path, {
        onEvent: (name, data) => take(name, data),
        onRefused: (refusal) => {
          setText(total, refusal.message);
          // An app that is gone is asked for again when the list of apps changes.
          if (refusal.status === 404 || refusal.status === 409) disconnect();
        },
      }, { after: Number.isFinite(lastCursor) ? String(lastCursor) : null });
    }

    function disconnect() {
      stream?.close();
      stream = null;
    }

    function take(name, data) {
      if (data.cursor === undefined || data.cursor <= lastCursor) return;
      lastCursor = data.cursor;
      fresh.push({
        serial: serial++, process: data.process, time: data.time, stream: name,
        text: data.line.length > longest ? `${data.line.slice(0, longest)} …` : data.line, plain: null,
      });
      if (fresh.length === 1) requestAnimationFrame(takeIn);
    }

    function takeIn() {
      const added = fresh;
      fresh = [];
      lines.push(...added);
      if (lines.length > most * 1.1) {
        lines = lines.slice(-most);
        refilter();
        return;
      }
      const matching = added.filter(matches);
      found.push(...matching);
      if (matching.length) list.grown();
      showCount(matching.length);
    }

    const textOf = (line) => (line.plain ??= plain(line.text));

    function matches(line) {
      if (state.process && line.process !== state.process) return false;
      if (state.stream === "out" && line.stream !== "stdout") return false;
      if (state.stream === "err" && line.stream !== "stderr") return false;
      return !state.text || textOf(line).toLowerCase().includes(state.text);
    }

    function refilter() {
      found = lines.filter(matches);
      list.items = found;
      list.redraw();
      showCount(0);
    }

    let unseen = 0;

    function showCount(added) {
      setText(total, found.length === lines.length ? count(lines.length, "line") : `${found.length.toLocaleString("en")} of ${count(lines.length, "line")}`);
      unseen = list.isFollowing ? 0 : unseen + added;
      setHidden(newer, unseen === 0);
      setText(newer.lastElementChild, count(unseen, "new line"));
      showEmpty();
    }

    function makeRow(line, index, old) {
      if (old) return old;
      const node = h("div", { class: `line ${line.stream}` },
        h("span", { class: "time" }, clock(new Date(line.time / 1000))),
        state.process ? null : h("span", { class: "source", "data-hue": hueOfProcess(line.process) }, line.process));
      const text = h("span", { class: "text" });
      for (const piece of pieces(line.text)) text.append(piece.classes ? h("span", { class: piece.classes }, ...marked(piece.text)) : h("span", {}, ...marked(piece.text)));
      node.append(text);
      return node;
    }

    /** A text with what was searched for marked. */
    function marked(text) {
      if (!state.text) return [text];
      const parts = [];
      const lower = text.toLowerCase();
      let start = 0;
      for (let at = lower.indexOf(state.text); at >= 0; at = lower.indexOf(state.text, start)) {
        parts.push(text.slice(start, at), h("mark", {}, text.slice(at, at + state.text.length)));
        start = at + state.text.length;
      }
      return [...parts, text.slice(start)];
    }

    function hueOfProcess(name) {
      const index = store.app(state.key)?.processes.findIndex((process) => process.name === name) ?? 0;
      return Math.max(0, index) % 10;
    }

    function asText() {
      return found.map((line) => `${new Date(line.time / 1000).toISOString()} ${line.process} | ${textOf(line)}`).join("\n") + "\n";
    }

    // Following and wrapping

    function setFollowing(isFollowing) {
      list.isFollowing = isFollowing;
      setAttribute(follow, "aria-pressed", String(isFollowing));
      setIcon(follow.querySelector("svg"), isFollowing ? "pause" : "follow");
      setButtonText(follow, isFollowing ? "Pause" : "Follow");
      if (isFollowing) list.render();
      showCount(0);
    }

    function setWrapped(isWrapped) {
      state.isWrapped = isWrapped;
      setAttribute(wrap, "aria-pressed", String(isWrapped));
      list.node.classList.toggle("wrapped", isWrapped);
      list.linesOf = isWrapped ? linesOf : null;
      measureColumns();
      list.redraw();
    }

    function measureColumns() {
      const probe = h("span", { class: "line probe" }, "0".repeat(100));
      list.space.append(probe);
      const width = probe.getBoundingClientRect().width / 100;
      probe.remove();
      const taken = list.node.clientWidth < 640 ? 24 : state.process ? 132 : 252;
      columns = Math.max(10, Math.floor((list.node.clientWidth - taken) / width));
    }

    function linesOf(line) {
      const own = Math.max(1, Math.ceil(textOf(line).length / columns));
      // On narrow screens time and process stand above the text.
      return list.node.clientWidth < 640 ? own + 1 : own;
    }

    new ResizeObserver(() => state.isWrapped && (measureColumns(), list.redraw())).observe(list.node);
    document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
    store.on(["apps"], showApps);
    setWrapped(innerWidth < 640);
    setFollowing(true);

    return {
      visit([key, process]) {
        if (key) open(key, process ?? null);
        else if (state.key) open(state.key, state.process);
        else showApps();
      },
      show() {
        state.isShown = true;
        list.shown();
        connect();
        showApps();
      },
      hide() {
        state.isShown = false;
        disconnect();
      },
      key(event) {
        if (event.key === "f") setFollowing(!list.isFollowing);
        else if (event.key === "w") setWrapped(!state.isWrapped);
      },
    };
  },
};
