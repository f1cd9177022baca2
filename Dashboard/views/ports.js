// Ports: the ranges as a picture of blocks, and a table of every port that an app or a listener has.

import { getIfThere, post, send, get } from "../lib/api.js";
import { h, keyed, link, setAttribute, setHidden, setText } from "../lib/dom.js";
import { count } from "../lib/format.js";
import { icon } from "../lib/icons.js";
import { hueOf } from "../lib/model.js";
import { store } from "../lib/store.js";
import { button, change, choices, command, confirmed, openDialog, searchField, sentence, tell } from "../lib/ui.js";

const encoded = encodeURIComponent;

/** For servers that don't tell their own. */
const standardRanges = [
  { first: 5570, last: 5599, kind: "leases", title: "Leases" },
  { first: 20000, last: 29999, kind: "leases", title: "More leases" },
  { first: 4000, last: 4999, kind: "ephemeral", title: "Runs without a lease" },
  { first: 5553, last: 5569, kind: "core", title: "Portless" },
];

const kinds = ["leases", "ephemeral", "core"];

/** What a port of Portless itself is for. */
function coreLabel(port) {
  const endpoint = store.ports.map?.core?.find((endpoint) => endpoint.port === port);
  return endpoint ? endpoint.label : "";
}

const strangers = "Other processes";

/** Longer ranges show only what is in use, with the gaps between. */
const most = 64;

export const portsView = {
  id: "ports",
  title: "Ports",

  make(root) {
    const state = { text: "", sort: "port", isReversed: false, scope: "apps" };
    const search = searchField("Filter ports", (text) => {
      state.text = text.toLowerCase();
      showTable();
    });
    const summary = h("p", { class: "summary" });
    const bar = h("div", { class: "bar" }, h("h1", {}, "Ports"), summary, h("span", { class: "gap" }),
      button("ports", "Lease ports", openLease, { kind: "main" }));
    const legend = h("ul", { class: "legend", "aria-label": "What the colours say" },
      [["listening", "Listening"], ["leased", "Leased, not in use"], ["trouble", "Conflict or wrong process"], ["free", "Free"]]
        .map(([kind, text]) => h("li", {}, h("span", { class: `swatch ${kind}` }), text)));
    const map = h("div", { class: "strips" });
    const head = h("div", { class: "bar under" }, h("h2", {}, "All ports"), h("span", { class: "gap" }), search.node,
      choices("Which", [["apps", "Apps"], ["all", "All listeners"]], "apps", (scope) => {
        state.scope = scope;
        showTable();
      }));
    const columns = [["port", "Port"], ["app", "App"], ["label", "Label"], ["state", "State"], ["origin", "Origin"], ["owner", "Process"], ["name", "Name"]];
    const headers = columns.map(([key, text]) => h("th", { scope: "col", "data-key": key }, h("button", {
      type: "button", onClick: () => {
        state.isReversed = state.sort === key && !state.isReversed;
        state.sort = key;
        showTable();
      },
    }, text)));
    const body = h("tbody", {});
    const table = h("table", { class: "table ports-table" }, h("thead", {}, h("tr", {}, headers)), body);
    const none = h("p", { class: "empty", hidden: true }, "No port matches the filter.");
    root.append(bar, legend, map, head, h("div", { class: "table-frame" }, table), none);

    const showStrips = keyed(map, (strip) => `${strip.first}`, makeStrip);
    const showRows = keyed(body, (row) => row.key, makeRow);

    function show() {
      if (!store.ports) return;
      const rows = allRows();
      const claimed = rows.filter((row) => row.kind === "app");
      const listening = claimed.filter((row) => row.state === "listening").length;
      const trouble = claimed.filter(isTrouble).length;
      setText(summary, [`${count(claimed.length, "port")} of apps`, `${listening} listening`, trouble && `${trouble} in trouble`].filter(Boolean).join(", "));
      showStrips(stripsOf(rows));
      showTable();
    }

    function showTable() {
      if (!store.ports) return;
      for (const header of headers) {
        const isSorted = header.dataset.key === state.sort;
        setAttribute(header, "aria-sort", isSorted ? (state.isReversed ? "descending" : "ascending") : null);
      }
      const value = (row) => row[state.sort] ?? "";
      const rows = allRows()
        .filter((row) => state.scope === "all" || row.kind !== "other")
        .filter((row) => !state.text || row.search.includes(state.text))
        .sort((a, b) => (state.sort === "port" ? a.port - b.port : String(value(a)).localeCompare(String(value(b))) || a.port - b.port));
      if (state.isReversed) rows.reverse();
      showRows(rows);
      setHidden(none, rows.length > 0);
    }

    store.on(["ports"], show);
    setInterval(() => {
      if (!document.hidden && !root.hidden && store.connection.isLive) store.load("ports");
    }, 5_000);

    return {
      show() {
        store.load("ports");
      },
      visit([port]) {
        if (/^\d{1,5}$/.test(port ?? "")) explain(Number(port));
      },
    };
  },
};

// Data

function rowOf(json, kind) {
  const owner = json.owner;
  const process = owner ? (owner.pid ? `${owner.command ?? "process"} (${owner.pid})` : "another user's process") : "";
  return {
    kind, key: `${kind} ${json.port} ${json.app ?? ""} ${json.label ?? ""} ${owner?.address ?? ""} ${owner?.protocol ?? ""}`,
    port: json.port, app: json.app ?? "", label: json.label ?? "", state: json.state ?? (owner?.protocol === "udp" ? "udp" : "listening"),
    origin: json.origin ?? "", owner: process, pid: owner?.pid ?? null, address: owner?.address ?? "",
    name: (json.names ?? []).join(", "), provenance: json.provenance ?? "", description: json.description ?? "",
    search: [json.port, json.app, json.label, json.state, json.origin, process, ...(json.names ?? [])].join(" ").toLowerCase(),
  };
}

function allRows() {
  const { ports, infrastructure = [], others = [] } = store.ports;
  return [...ports.map((row) => rowOf(row, "app")), ...infrastructure.map((row) => rowOf(row, "infrastructure")), ...others.map((row) => rowOf(row, "other"))];
}

const isTrouble = (row) => ["conflict", "wrong process", "wrong address", "crashed"].includes(row.state);

/** How a port looks: free, leased, listening, trouble, or a stranger's. */
function lookOf(rows) {
  if (rows.some(isTrouble)) return "trouble";
  if (rows.some((row) => row.kind === "other")) return "stranger";
  if (rows.some((row) => row.state === "listening")) return "listening";
  return rows.length ? "leased" : "free";
}

function stripsOf(rows) {
  const byPort = new Map();
  for (const row of rows) {
    if (row.state !== "udp") byPort.set(row.port, [...(byPort.get(row.port) ?? []), row]);
  }
  const ranges = [...(store.ports.map?.ranges ?? standardRanges)].sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
  return ranges.map((range) => {
    const used = [...byPort.keys()].filter((port) => port >= range.first && port <= range.last).sort((a, b) => a - b);
    const isWhole = range.last - range.first < most;
    const shown = isWhole ? Array.from({ length: range.last - range.first + 1 }, (_, at) => range.first + at) : used;
    const segments = [];
    let previous = range.first - 1;
    for (const port of shown) {
      if (port > previous + 1) segments.push({ kind: "gap", first: previous + 1, last: port - 1 });
      const own = byPort.get(port) ?? [];
      const app = own.find((row) => row.kind !== "other")?.app || (own.length ? strangers : "");
      const last = segments.at(-1);
      if (last?.kind === "block" && last.app === app && last.cells.at(-1).port === port - 1) last.cells.push({ port, rows: own });
      else segments.push({ kind: "block", app, first: port, cells: [{ port, rows: own }] });
      previous = port;
    }
    if (!isWhole && used.length && previous < range.last) segments.push({ kind: "gap", first: previous + 1, last: range.last });
    return { ...range, segments, used, isWhole };
  });
}

// The picture

function makeStrip(first) {
  const free = h("span", { class: "dim" });
  const overview = h("div", { class: "overview", "aria-hidden": "true" });
  const segments = h("div", { class: "segments" });
  const node = h("section", { class: "strip", "aria-label": `${first.title}, ${first.first} to ${first.last}` },
    h("header", {}, h("h2", {}, first.title), h("span", { class: "mono dim" }, `${first.first}–${first.last}`), free), overview, segments);
  const show = keyed(segments, (segment) => `${segment.kind} ${segment.first} ${segment.app ?? ""}`, makeSegment);
  const marks = keyed(overview, (port) => port, (port) => {
    const node = h("span", { class: "mark-port" });
    node.style.left = `${((port - first.first) / (first.last - first.first)) * 100}%`;
    return { node };
  });
  return {
    node,
    update(strip) {
      setHidden(overview, strip.isWhole || !strip.used.length);
      setHidden(segments, !strip.segments.length);
      node.dataset.kind = strip.kind;
      if (!strip.isWhole) marks(strip.used);
      const size = strip.last - strip.first + 1;
      setText(free, `${(size - strip.used.length).toLocaleString("en")} of ${size.toLocaleString("en")} free`);
      show(strip.segments);
    },
  };
}

function makeSegment(first) {
  if (first.kind === "gap") {
    const text = h("span", {});
    return {
      node: h("div", { class: "segment gap-segment" }, text),
      update(segment) {
        setText(text, `${count(segment.last - segment.first + 1, "port")} free`);
      },
    };
  }
  const cells = h("div", { class: "cells" });
  const title = h("span", { class: "segment-title" }, first.app);
  const node = h("div", { class: `segment ${first.app ? "block" : "free"}`, "data-hue": first.app ? (first.app === strangers ? 9 : hueOf(first.app)) : null },
    title, cells);
  const show = keyed(cells, (cell) => cell.port, makeCell);
  return {
    node,
    update(segment) {
      if (!segment.app) setText(title, `${segment.cells.length} free`);
      show(segment.cells);
    },
  };
}

function makeCell(first) {
  const label = h("span", { class: "cell-label" });
  const node = h("a", { class: "port-cell", href: `#/ports/${first.port}`, onClick: () => location.hash === `#/ports/${first.port}` && explain(first.port) },
    h("span", { class: "cell-port" }, String(first.port)), label);
  return {
    node,
    update({ port, rows }) {
      const look = lookOf(rows);
      node.dataset.look = look;
      const row = rows[0];
      setText(label, row ? row.label || row.owner.replace(/ \(\d+\)$/, "") : coreLabel(port));
      const text = row
        ? rows.map((row) => `${row.app || row.owner}${row.label ? ` ${row.label}` : ""}: ${row.state}${row.owner && row.app ? `, ${row.owner}` : ""}`).join("; ")
        : "free";
      setAttribute(node, "aria-label", `Port ${port}, ${text}`);
      setAttribute(node, "title", `${port}: ${text}`);
    },
  };
}

// The table

function makeRow(first) {
  const cells = {
    port: h("a", { class: "mono", href: `#/ports/${first.port}`, onClick: () => location.hash === `#/ports/${first.port}` && explain(first.port) }, String(first.port)),
    app: h("span", {}), label: h("span", { class: "mono" }), state: h("span", { class: "state" }), origin: h("span", {}), owner: h("span", { class: "mono" }), name: h("span", {}),
  };
  const node = h("tr", {}, Object.entries(cells).map(([key, cell]) => h("td", { "data-key": key }, cell)));
  return {
    node,
    update(row) {
      setText(cells.app, row.app || "–");
      setText(cells.label, row.label);
      setText(cells.state, row.state);
      cells.state.dataset.tone = isTrouble(row) ? "bad" : row.state === "listening" ? "good" : "off";
      setText(cells.origin, row.origin);
      setText(cells.owner, row.owner);
      setText(cells.name, row.name);
    },
  };
}

// One port

async function explain(port) {
  const done = (dialog) => dialog.addEventListener("close", () => {
    if (location.hash === `#/ports/${port}`) history.replaceState(null, "", "#/ports");
  });
  document.querySelector("dialog.explain")?.close();
  let table;
  let known;
  try {
    [table, known] = await Promise.all([store.ports ?? get("/api/ports"), getIfThere(`/api/ports/${port}`)]);
  } catch (error) {
    tell(error.message, { isProblem: true });
    return;
  }
  store.ports ??= table;
  const rows = allRows().filter((row) => row.port === port);
  const sentences = known?.sentences ?? sentencesOf(port, rows);
  const leased = rows.find((row) => row.origin === "leased");
  const listeners = known?.processes ?? rows.filter((row) => row.pid).map((row) => ({ pid: row.pid, command: row.owner }));
  const urls = store.routes.filter((route) => route.port === port);
  const actions = [];
  if (listeners.length && (known?.canEnd ?? false)) {
    actions.push(button("close", "End the process", () => end(port, listeners[0], dialog), { kind: "danger" }));
  }
  if (leased) actions.push(button("trash", `Release the block of ${leased.app}`, () => release(leased.app, dialog)));
  const dialog = openDialog(`Port ${port}`, [
    h("ul", { class: "sentences" }, sentences.map((text) => h("li", {}, sentence(text)))),
    known?.whyNot && h("p", { class: "dim" }, known.whyNot),
    listeners.length > 0 && known?.processes && h("dl", { class: "pairs" }, listeners.map((process) => [
      h("dt", {}, `PID ${process.pid}`), h("dd", {}, h("code", {}, process.command ?? ""), process.folder && h("div", { class: "dim" }, process.folder),
        process.parents?.length > 0 && h("div", { class: "dim" }, `Started by ${process.parents.map(nameOfParent).join(", by ")}`))]).flat()),
    urls.length > 0 && h("p", {}, urls.map((route) => [link(route.hostname, route.url), " "]).flat()),
    !known && h("p", {}, "In a terminal: ", command(`portless ports explain ${port}`)),
  ].filter(Boolean), { actions, kind: "explain" });
  done(dialog);
}

const nameOfParent = (parent) => (typeof parent === "string" ? parent : `${parent.command ?? "process"} (${parent.pid})`);

function sentencesOf(port, rows) {
  if (!rows.length) return ["No app has it, and nothing listens on it."];
  return rows.flatMap((row) => [
    row.app ? `${row.app} has it${row.label ? ` as ${row.label}` : ""}${row.origin ? `, ${row.origin}` : ""}: ${row.state}.` : null,
    row.owner ? `${row.owner} listens on ${row.address}.` : null,
    row.description || null,
    row.provenance ? `It stands in ${row.provenance}.` : null,
  ].filter(Boolean));
}

async function end(port, process, dialog) {
  dialog.close();
  const name = process.command ? `${process.command.slice(0, 80)} (${process.pid})` : `PID ${process.pid}`;
  if (!(await confirmed("End this process?", `${name} listens on port ${port}. It is asked to end, and made to after five seconds.`, "End it"))) return;
  const answer = await change(() => post(`/api/ports/${port}/end`, { pid: process.pid, ...(process.startTime && { startTime: process.startTime }) }));
  if (answer) tell(answer.successor ? `${answer.successor} listens on port ${port} now.` : answer.text ?? `Port ${port} is free.`);
  store.load("ports");
}

async function release(app, dialog) {
  dialog.close();
  if (!(await confirmed(`Release the ports of ${app}?`, "Another app may get them from then on. Its next start leases others.", "Release"))) return;
  await change(() => send("DELETE", `/api/leases/${encoded(app)}`), { done: `The ports of ${app} are released.` });
  store.load("ports");
}

function openLease() {
  const app = h("input", { class: "input", id: "lease-app", required: true, pattern: "[a-z0-9]([a-z0-9\\-]*[a-z0-9])?", placeholder: "shop", autocomplete: "off" });
  const labels = h("input", { class: "input", id: "lease-labels", value: "api", autocomplete: "off", spellcheck: "false" });
  const form = h("form", { class: "form", method: "dialog" },
    h("label", { for: "lease-app" }, "App"), app,
    h("label", { for: "lease-labels" }, "Labels, in the order of their ports"), labels,
    h("p", { class: "dim" }, "The ports are consecutive, and stay the app's until they are released."));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const names = labels.value.split(/[\s,]+/).filter(Boolean);
    const body = { app: app.value.trim(), labels: names.length ? names : ["api"] };
    const lease = await change(async () => {
      try {
        return await post("/api/leases", body);
      } catch (error) {
        if (error.status !== 404) throw error;
        const answer = await post("/api/ports/allocate", { app: body.app, count: body.labels.length });
        return { ports: answer.allocated.map((port) => ({ port })) };
      }
    });
    if (!lease) return;
    dialog.close();
    tell(`${body.app} has ${lease.ports.map(({ port }) => port).join(", ")}.`);
    store.load("ports");
  });
  const dialog = openDialog("Lease ports", form, {
    actions: [button(null, "Cancel", () => dialog.close()), button(null, "Lease", () => form.requestSubmit(), { kind: "main" })],
  });
  app.focus();
}
