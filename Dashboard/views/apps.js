// Apps: a card for each, with its processes; the worktrees of a project stand together.

import { h, keyed, link, setAttribute, setHidden, setText } from "../lib/dom.js";
import { bytes, count, percent, span } from "../lib/format.js";
import { icon, setIcon } from "../lib/icons.js";
import { hueOf, isAside, isUp, mainURL, sharedURLs, shortURL, titleOf, toneOf, totals } from "../lib/model.js";
import { plain } from "../lib/ansi.js";
import { qrCode } from "../lib/qr.js";
import { store } from "../lib/store.js";
import { button, change, changeApp, choices, command, confirmed, copy, lastLines, openDialog, searchField, setButtonText, setSentence, whileBusy } from "../lib/ui.js";
import { post } from "../lib/api.js";

const encoded = encodeURIComponent;

export const appsView = {
  id: "apps",
  title: "Apps",

  make(root) {
    const filter = { text: "", state: "all" };
    const search = searchField("Filter apps", (text) => {
      filter.text = text.toLowerCase();
      show();
    });
    const summary = h("p", { class: "summary" });
    const bar = h("div", { class: "bar" }, h("h1", {}, "Apps"), summary, h("span", { class: "gap" }), search.node,
      choices("State", [["all", "All"], ["up", "Running"], ["bad", "Problems"]], "all", (state) => {
        filter.state = state;
        show();
      }));
    const list = h("div", { class: "projects" });
    const none = h("p", { class: "empty", hidden: true }, "No app matches the filter.");
    const rest = makeOtherNames();
    const archived = h("details", { class: "archived", hidden: true }, h("summary", {}), h("div", { class: "projects" }));
    const empty = makeEmpty();
    const loading = h("div", { class: "loading", "aria-label": "Loading" }, h("div", {}), h("div", {}), h("div", {}));
    root.append(bar, loading, empty, list, none, rest.node, archived);

    const showProjects = keyed(list, (project) => project.id, makeProject);
    const showArchived = keyed(archived.lastElementChild, (project) => project.id, makeProject);

    function show() {
      const apps = store.apps;
      if (!apps) return;
      loading.remove();
      const current = apps.filter((app) => !isAside(app));
      const found = current.filter((app) => matches(app, filter));
      showProjects(projectsOf(found));
      showArchived(projectsOf(apps.filter(isAside)));
      setHidden(archived, !apps.some(isAside));
      setText(archived.firstElementChild, `Archived (${apps.filter(isAside).length})`);
      setHidden(empty, apps.length > 0);
      setHidden(bar, apps.length === 0);
      setHidden(none, apps.length === 0 || found.length > 0);
      const processes = current.flatMap((app) => app.processes);
      const running = processes.filter((process) => process.pid).length;
      setText(summary, `${count(current.length, "app")}, ${running.toLocaleString("en")} of ${count(processes.length, "process", "processes")} running`);
      rest.update();
    }

    store.on(["apps", "usage"], show);
    store.on(["routes"], () => rest.update());
    setInterval(() => !document.hidden && !root.hidden && show(), 1_000);
    show();

    return {
      visit([key]) {
        if (!key) return;
        const card = [...root.querySelectorAll(".card")].find((node) => node.dataset.app === key);
        if (!card) return;
        card.scrollIntoView({ block: "center" });
        card.classList.add("found");
        setTimeout(() => card.classList.remove("found"), 1_600);
        card.querySelector("a, button")?.focus({ preventScroll: true });
      },
    };
  },
};

function matches(app, { text, state }) {
  if (state === "up" && !app.processes.some((process) => process.pid)) return false;
  if (state === "bad" && toneOf(app.state) !== "bad") return false;
  if (!text) return true;
  return [app.name, app.key, app.branch, app.folder, ...app.urls.map((entry) => entry.url),
    ...app.processes.flatMap((process) => [process.name, ...process.ports.map((entry) => String(entry.port))])]
    .some((part) => part?.toLowerCase().includes(text));
}

/** Projects in the order of their names; the main worktree first. */
function projectsOf(apps) {
  const projects = new Map();
  for (const app of apps) {
    const project = projects.get(app.project.id) ?? { ...app.project, apps: [] };
    project.apps.push(app);
    projects.set(project.id, project);
  }
  for (const project of projects.values()) {
    project.apps.sort((a, b) => Number(a.key.includes(".")) - Number(b.key.includes(".")) || a.name.localeCompare(b.name));
  }
  return [...projects.values()].sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
}

function makeProject() {
  const title = h("h2", { class: "project-title" }, h("span", {}), h("span", { class: "dim" }));
  const cards = h("div", { class: "cards" });
  const node = h("section", { class: "project" }, title, cards);
  const show = keyed(cards, (app) => app.id, makeCard);
  return {
    node,
    update(project) {
      // A project with one app needs no title of its own.
      setHidden(title, project.apps.length < 2);
      setText(title.firstElementChild, project.name);
      setText(title.lastElementChild, count(project.apps.length, project.apps.some((app) => app.worktree) ? "worktree" : "app"));
      setAttribute(node, "aria-label", project.name);
      node.classList.toggle("grouped", project.apps.length > 1);
      show(project.apps);
    },
  };
}

function makeCard(first) {
  let app = first;
  const dot = h("span", { class: "dot" });
  const name = h("h2", {});
  const state = h("span", { class: "state" });
  const branch = h("span", { class: "chip branch" }, icon("branch"), h("span", {}));
  const address = h("span", { class: "address" });
  const facts = { uptime: fact("Uptime"), cpu: fact("CPU"), memory: fact("Memory") };
  const start = button("play", "Start", whileBusyLater(() => changeApp(app, "start")), { kind: "main" });
  const stop = button("stop", "Stop", whileBusyLater(() => changeApp(app, "stop")));
  const restart = button("restart", "Restart", whileBusyLater(() => changeApp(app, "restart")));
  const logs = h("a", { class: "button", href: "#" }, icon("logs"), h("span", {}, "Logs"));
  const more = button("more", "More", () => openMore(app), { isQuiet: true });
  const problem = h("p", { class: "problem", hidden: true });
  const processes = h("ul", { class: "processes" });
  const note = h("p", { class: "note", hidden: true });
  const node = h("article", { class: "card" },
    h("header", {},
      h("div", { class: "identity" }, dot, name, state, branch, address),
      h("div", { class: "facts" }, Object.values(facts).map((part) => part.node)),
      h("div", { class: "actions" }, start, stop, restart, logs, more)),
    problem, processes, note);
  const showProcesses = keyed(processes, (item) => item.process.name, makeProcess);
  let shownURL;

  return {
    node,
    update(next) {
      app = next;
      node.dataset.app = app.key;
      node.dataset.hue = hueOf(app.key);
      setAttribute(node, "aria-label", app.name);
      dot.dataset.tone = toneOf(app.state);
      setText(name, app.name);
      setText(state, titleOf(app.state));
      state.dataset.tone = toneOf(app.state);
      setHidden(branch, !app.branch);
      setText(branch.lastElementChild, app.branch ?? "");
      setAttribute(branch, "title", app.worktree ? `Worktree ${app.worktree}` : app.folder);
      const url = mainURL(app);
      const shared = sharedURLs(app);
      const shown = JSON.stringify([url, shared]);
      if (shown !== shownURL) {
        shownURL = shown;
        address.replaceChildren(...addressParts(app, url, shared));
      }
      const total = totals(app);
      facts.uptime.set(total.startedAt ? span(Date.now() - total.startedAt) : "");
      facts.cpu.set(percent(total.cpu));
      facts.memory.set(bytes(total.memory));
      const running = app.processes.some(isUp);
      setHidden(start, !app.isSupervised || running);
      setHidden(stop, !app.isSupervised || !running);
      setHidden(restart, !app.isSupervised || !running);
      setHidden(logs, !app.isSupervised);
      for (const [control, verb] of [[start, "Start"], [stop, "Stop"], [restart, "Restart"], [more, "More about"]]) {
        setAttribute(control, "aria-label", `${verb} ${app.name}`);
      }
      setAttribute(logs, "aria-label", `Logs of ${app.name}`);
      setAttribute(logs, "href", `#/logs/${encoded(app.key)}`);
      setHidden(problem, !app.problem);
      setSentence(problem, app.problem);
      showProcesses(app.processes.map((process) => ({ app, process })));
      setHidden(note, app.isSupervised);
      const reason = app.isSupervised ? "" : JSON.stringify(app.terminal ?? app.folder);
      if (note.dataset.reason !== reason) {
        note.dataset.reason = reason;
        note.replaceChildren(...noteOf(app));
      }
    },
  };
}

function noteOf(app) {
  if (app.isSupervised) return [];
  if (!app.terminal) return ["Never brought up. In its folder: ", command(`cd ${quoted(app.folder)} && portless up`)];
  const { pid, port } = app.terminal;
  return [port && h("a", { class: "label-port mono", href: `#/ports/${port}` }, h("span", {}, "app:"), String(port)),
    `PID ${pid}. It runs in a terminal, and Ctrl-C there ends it.`].filter(Boolean);
}

/** A folder as a shell takes it. */
const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** A listener that is made before its button, which shows that it is at work. */
function whileBusyLater(work) {
  return (event) => whileBusy(event.currentTarget, work)();
}

function fact(label) {
  const value = h("span", { class: "value" });
  const node = h("span", { class: "fact", title: label }, h("span", { class: "label" }, label), value);
  return {
    node,
    set(text) {
      setText(value, text);
      node.classList.toggle("blank", !text);
    },
  };
}

function addressParts(app, url, shared) {
  const parts = [];
  if (url) {
    parts.push(link(shortURL(url), url, { class: "url" }),
      button("copy", `Copy ${url}`, () => copy(url, "The URL is copied."), { isQuiet: true }));
  }
  for (const entry of shared) {
    parts.push(h("span", { class: "shared", "data-level": entry.scope }, icon(entry.scope === "lan" ? "wifi" : "globe"),
      link(shortURL(entry.url), entry.url, { class: "url" }),
      button("qr", `QR code of ${entry.url}`, () => showQR(entry.url), { isQuiet: true })));
  }
  return parts;
}

function showQR(url) {
  openDialog("Open it on another device", [
    qrCode(url) ?? h("p", {}, "The address is too long for a QR code."),
    h("p", { class: "qr-url" }, link(shortURL(url), url)),
  ], { kind: "qr-dialog" });
}

function openMore(app) {
  const addresses = app.urls.filter((entry) => entry.url);
  const dialog = openDialog(app.name, [
    h("dl", { class: "pairs" },
      h("dt", {}, "Folder"), h("dd", {}, h("code", {}, app.folder)),
      app.branch && [h("dt", {}, "Branch"), h("dd", {}, app.branch)],
      app.worktree && [h("dt", {}, "Worktree"), h("dd", {}, app.worktree)],
      addresses.length > 0 && [h("dt", {}, "Addresses"), h("dd", {}, addresses.map((entry) =>
        h("div", { class: "address-row" }, link(shortURL(entry.url), entry.url), button("copy", `Copy ${entry.url}`, () => copy(entry.url), { isQuiet: true }))))],
      app.processes.some((process) => process.ports.length) && [h("dt", {}, "Ports"), h("dd", { class: "mono" },
        app.processes.filter((process) => process.ports.length).map((process) => h("div", {}, `${process.name} (${labels(process)})`)))]),
  ], {
    actions: [
      app.isSupervised && button("trash", "Forget, with its logs", async () => {
        dialog.close();
        if (await confirmed(`Forget ${app.name}?`, "Its processes are stopped and its logs are removed. The project's files stay as they are, and so does the registered app.", "Forget")) {
          change(() => post(`/api/apps/${encoded(app.id)}/remove`), { done: `${app.name} is forgotten.` });
        }
      }, { kind: "danger" }),
      app.folder && button("copy", "Copy the folder", () => copy(app.folder, "The folder is copied.")),
    ].filter(Boolean),
  });
}

const labels = (process) => process.ports.map(({ label, port }) => `${label}:${port}`).join(",");

function makeProcess({ app: firstApp, process: first }) {
  let app = firstApp;
  let process = first;
  const dot = h("span", { class: "dot" });
  const state = h("span", { class: "process-state" });
  const ports = h("span", { class: "labels mono" });
  const cells = { uptime: cell("uptime"), cpu: cell("cpu"), memory: cell("memory") };
  const toggle = button("play", "Start", whileBusyLater(() => changeApp(app, isUp(process) ? "stop" : "start", process.name)), { kind: "small" });
  const restart = button("restart", "Restart", whileBusyLater(() => changeApp(app, "restart", process.name)), { kind: "small" });
  const logs = h("a", { class: "button small", href: "#" }, icon("logs"), h("span", {}, "Logs"));
  const why = h("div", { class: "why", hidden: true }, h("p", {}), h("pre", { class: "mono", hidden: true }));
  const node = h("li", { class: "process" },
    h("div", { class: "process-row" }, dot, h("span", { class: "process-name" }, first.name), ports, state,
      Object.values(cells), h("span", { class: "process-actions" }, toggle, restart, logs)),
    why);
  let shownPorts;
  let lines = null;

  return {
    node,
    update(next) {
      ({ app, process } = next);
      const tone = toneOf(process.state);
      dot.dataset.tone = tone;
      state.dataset.tone = tone;
      const rests = process.state === "stopped" || process.state === "not_started";
      setText(state, app.onRequest && rests ? "Starts on request" : stateText(process));
      const text = labels(process);
      if (text !== shownPorts) {
        shownPorts = text;
        ports.replaceChildren(...process.ports.map(({ label, port }) =>
          h("a", { href: `#/ports/${port}`, class: "label-port" }, h("span", {}, `${label}:`), String(port))));
      }
      setText(cells.uptime, process.pid && process.startedAt ? span(Date.now() - process.startedAt) : "");
      setText(cells.cpu, process.pid ? percent(process.cpu) : "");
      setText(cells.memory, process.pid ? bytes(process.memory) : "");
      const up = isUp(process);
      setHidden(toggle, !app.isSupervised);
      setHidden(restart, !app.isSupervised || !up);
      setHidden(logs, !app.isSupervised);
      setButtonText(toggle, up ? "Stop" : "Start", `${up ? "Stop" : "Start"} ${process.name} of ${app.name}`);
      setButtonText(restart, "Restart", `Restart ${process.name} of ${app.name}`);
      setAttribute(logs, "aria-label", `Logs of ${process.name} of ${app.name}`);
      setIcon(toggle.querySelector("svg"), up ? "stop" : "play");
      setAttribute(logs, "href", `#/logs/${encoded(app.key)}/${encoded(process.name)}`);
      showWhy();
    },
  };

  /** Why it isn't running, with its last lines. */
  function showWhy() {
    const isBad = toneOf(process.state) === "bad";
    const health = process.health;
    const ailment = health?.problem && `It isn't healthy: it ${health.problem}.`;
    const reason = process.reason ?? (process.waitsFor ? `It waits for ${process.waitsFor}.` : ailment);
    setHidden(why, !reason);
    setSentence(why.firstElementChild, reason);
    why.dataset.tone = isBad || health?.state === "unhealthy" ? "bad" : "busy";
    const output = why.lastElementChild;
    const wanted = isBad ? `${process.lastExit?.time ?? 0} ${process.restarts}` : null;
    if (wanted && wanted !== lines) {
      lines = wanted;
      const given = app.lastLines[process.name];
      const read = given ? Promise.resolve(given) : lastLines(app, process.name, 5);
      read.then((texts) => {
        setText(output, texts.map(plain).join("\n"));
        setHidden(output, !texts.length);
      }).catch(() => {});
    } else if (!wanted && lines) {
      lines = null;
      setHidden(output, true);
    }
  }
}

const cell = (name) => h("span", { class: `cell ${name}` });

function stateText(process) {
  const text = titleOf(process.state, process);
  const exit = process.lastExit;
  if (toneOf(process.state) === "bad" && exit && exit.code !== undefined) return `${text}, code ${exit.code}`;
  if (toneOf(process.state) === "bad" && exit?.signal) return `${text}, signal ${exit.signal}`;
  const health = process.pid && process.health ? `${text}, ${process.health.state}` : text;
  return process.restarts > 0 && process.pid ? `${health}, ${count(process.restarts, "restart")}` : health;
}

/** Names that lead to what runs in a terminal, or to something outside. */
function makeOtherNames() {
  const list = h("ul", { class: "names" });
  const node = h("section", { class: "other-names", hidden: true }, h("h2", { class: "project-title" }, h("span", {}, "Other names")), list);
  const show = keyed(list, (route) => route.hostname, (first) => {
    const port = h("a", { class: "mono", href: `#/ports/${first.port}` });
    const owner = h("span", { class: "dim" });
    return {
      node: h("li", {}, icon(first.alias || first.container ? "link" : "terminal"), link(shortURL(first.url), first.url, { class: "url" }), port, owner,
        button("copy", `Copy ${first.url}`, () => copy(first.url, "The URL is copied."), { isQuiet: true })),
      update(route) {
        setText(port, String(route.port));
        setAttribute(port, "href", `#/ports/${route.port}`);
        const exposure = route.exposedAddress ? `, open to the network at ${route.exposedAddress}` : "";
        setText(owner, route.container ? `Container ${route.container}${exposure}` : route.alias ? "Alias" : `PID ${route.pid}`);
      },
    };
  });
  return {
    node,
    update() {
      if (!store.apps) return;
      const known = new Set(store.apps.flatMap((app) => [...app.names, ...app.urls.map((entry) => hostOf(entry.url))]));
      const ports = new Set(store.apps.flatMap((app) => app.processes.flatMap((process) => process.ports.map((entry) => entry.port))));
      const rest = store.routes.filter((route) =>
        !known.has(route.hostname) && !ports.has(route.port) && !route.hostname.startsWith("portless."));
      show(rest);
      setHidden(node, rest.length === 0);
    },
  };
}

function hostOf(url) {
  try {
    return new URL(url).hostname;
  } catch {
    return "";
  }
}

/** Teaches the first command. */
function makeEmpty() {
  return h("section", { class: "welcome", hidden: true },
    h("h1", {}, "No app yet"),
    h("p", {}, "Every app gets a name of its own, and ports that never clash. Start one in its folder:"),
    h("ol", {},
      h("li", {}, h("h2", {}, "One command, in a terminal"), command("portless shop npm run dev"), h("p", { class: "dim" }, "It is at https://shop.localhost as long as it runs.")),
      h("li", {}, h("h2", {}, "All processes of a project, in the background"), command("portless up"), h("p", { class: "dim" }, "Reads package.json, Procfile, ecosystem or portless.json; they appear here with logs and ports.")),
      h("li", {}, h("h2", {}, "No project at hand?"), command("portless demo"), h("p", { class: "dim" }, "A small app that shows what names and ports do."))),
    h("p", { class: "dim" }, "Press ", h("kbd", {}, "?"), " for keyboard shortcuts, ", h("kbd", {}, "Ctrl K"), " to find things."));
}
