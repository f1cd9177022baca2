// The page's frame: navigation, the state of the connection, exposure, and keyboard shortcuts.

import { h, setAttribute, setHidden, setText } from "./lib/dom.js";
import { icon, setIcon } from "./lib/icons.js";
import { isAside, isJobActive } from "./lib/model.js";
import { openPalette } from "./lib/palette.js";
import { store } from "./lib/store.js";
import { button, openDialog, sentence, showSignIn } from "./lib/ui.js";
import { appsView } from "./views/apps.js";
import { healthView } from "./views/health.js";
import { logsView } from "./views/logs.js";
import { portsView } from "./views/ports.js";
import { trafficView } from "./views/traffic.js";

/** A view that many never need is loaded on its first visit. */
const crashesView = { id: "crashes", title: "Crashes", load: async () => (await import("./views/crashes.js")).crashesView };
const jobsView = { id: "jobs", title: "Jobs", load: async () => (await import("./views/jobs.js")).jobsView };
const browserView = { id: "browser", title: "Browser", load: async () => (await import("./views/browser.js")).browserView };
const views = [appsView, logsView, portsView, trafficView, healthView, crashesView, jobsView, browserView];
const byId = (id) => document.getElementById(id);

// Views: each is made on its first visit, and kept, so that its scroll position and filters stay.

const pages = new Map();
let current = null;

const partsOfHash = () => location.hash.replace(/^#\/?/, "").split("/").map(decoded);

function route() {
  const [id, ...rest] = partsOfHash();
  const view = views.find((view) => view.id === id) ?? (isCrashPage() ? crashesView : appsView);
  let page = pages.get(view.id);
  if (!page) {
    // Of this view before, if it couldn't be loaded then.
    if (current?.view === view) current.page.node.remove();
    const node = h("div", { class: `view view-${view.id}` });
    page = { node, parts: view.make?.(node) ?? {}, scroll: 0 };
    pages.set(view.id, page);
    byId("main").append(node);
    view.load?.().then((loaded) => {
      page.parts = loaded.make(node);
      if (current.page === page) page.parts.show?.();
      if (current.page === page) page.parts.visit?.(partsOfHash().slice(1));
    }, () => {
      pages.delete(view.id);
      node.replaceChildren(h("p", { class: "empty" }, "This view can't be loaded now. Open it again once the server answers."));
    });
  }
  if (current?.view !== view) {
    if (current) {
      current.page.scroll = scrollY;
      current.page.node.hidden = true;
      current.page.parts.hide?.();
    }
    page.node.hidden = false;
    page.parts.show?.();
    scrollTo(0, page.scroll);
  }
  current = { view, page };
  page.parts.visit?.(rest);
  showTrouble();
  for (const node of byId("nav").children) {
    setAttribute(node, "aria-current", node.dataset.view === view.id ? "page" : null);
  }
}

/** The crash watcher's own port serves this page for its crashes. */
const isCrashPage = () => location.port !== "" && location.port === String(store.watcher?.ports?.ui);

/** Views without anything to show take no place in the navigation. */
const isThere = {
  crashes: () => Boolean(store.watcher?.on || store.crashes?.length),
  jobs: () => Boolean(store.jobs?.length),
};

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

// The frame

const counts = {
  apps: () => store.apps?.filter((app) => !isAside(app)).length,
  crashes: () => store.unseenCrashes,
  jobs: () => store.jobs?.filter(isJobActive).length,
};

function makeFrame() {
  byId("brand").append(mark(), h("span", {}, "Portless"));
  byId("nav").append(...views.map((view, index) => h("a", {
    href: `#/${view.id}`, "data-view": view.id, title: `${view.title} (${index + 1})`,
  }, icon(view.id), h("span", { class: "nav-text" }, view.title), h("span", { class: "nav-count" }))));
  const search = h("button", { type: "button", class: "button find", onClick: openPalette, "aria-label": "Find and run" },
    icon("search"), h("span", { class: "wide-only" }, "Find and run"), h("kbd", { class: "wide-only" }, navigator.platform.startsWith("Mac") ? "⌘K" : "Ctrl K"));
  const signIn = button("key", "Sign in", showSignIn, { kind: "sign-in-button" });
  signIn.hidden = true;
  const exposure = h("a", { class: "pill exposure", href: "#/health", title: "Who can reach this server and its apps" }, icon("lock"), h("span", {}));
  const live = h("span", { class: "pill live", role: "status" }, h("span", { class: "dot" }), h("span", {}));
  const entry = (id) => byId("nav").querySelector(`[data-view="${id}"]`);
  for (const id of Object.keys(isThere)) entry(id).hidden = true;
  byId("tools").append(search, signIn, exposure, live);

  store.on(["crashes", "watcher"], () => {
    setHidden(entry("crashes"), !isThere.crashes());
    // On the watcher's own port, which view is the first is known only now.
    if (!location.hash && isCrashPage()) route();
    if (current?.view === crashesView && !document.hidden) store.seeCrashes();
  });
  store.on(["jobs"], () => setHidden(entry("jobs"), !isThere.jobs()));
  store.on(["apps", "crashes", "jobs"], () => {
    for (const [id, count] of Object.entries(counts)) setText(entry(id).querySelector(".nav-count"), count() || "");
    showTrouble();
  });
  store.on(["session"], () => setHidden(signIn, store.session.signedIn !== false));
  store.on(["exposure"], () => showExposure(exposure));
  store.on(["connection", "problem"], () => showConnection(live));
}

function mark() {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 32 32");
  svg.setAttribute("class", "mark");
  svg.setAttribute("aria-hidden", "true");
  const square = document.createElementNS(space, "rect");
  for (const [name, value] of [["width", 32], ["height", 32], ["rx", 9]]) square.setAttribute(name, value);
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", "M9 16a7 7 0 0 1 14 0M9 16h14M16 16v8M12.5 24h7");
  svg.append(square, path);
  return svg;
}

/** The tab's title tells of failures while another tab is open. */
function showTrouble() {
  const failed = store.apps?.filter((app) => app.state === "errored" || app.state === "crash_looping").length ?? 0;
  const title = `${current?.view.title ?? "Apps"} – Portless`;
  document.title = failed ? `(${failed}) ${title}` : title;
}

const levels = {
  loopback: ["lock", "This computer only"], lan: ["wifi", "On your network"],
  tailnet: ["globe", "On your tailnet"], public: ["globe", "Public"],
};

export function exposureLevel(exposure) {
  return exposure?.level ?? (exposure?.bind.audience === "loopback-only" ? "loopback" : "lan");
}

function showExposure(pill) {
  const level = exposureLevel(store.exposure);
  const [iconName, text] = levels[level] ?? levels.public;
  setIcon(pill.querySelector("svg"), iconName);
  setText(pill.querySelector("span"), text);
  pill.dataset.level = level;
  const strip = byId("strip");
  setHidden(strip, level === "loopback");
  if (level === "loopback") return;
  strip.dataset.level = level;
  const item = store.exposure.items?.find((item) => item.level === level);
  const what = item?.text ?? `The server listens on ${store.exposure.bind.host}:${store.exposure.bind.port}.`;
  strip.replaceChildren(icon(iconName), h("strong", {}, `${text}.`), h("span", {}, what), h("a", { href: "#/health" }, "Details"));
}

/** Lost for a moment, as in a restart of the server, isn't worth a word. */
function showConnection(live) {
  const { isLive, hasBeen, since, refusal, isOutdated } = store.connection;
  const isLost = !isLive && performance.now() - since > (hasBeen ? 700 : 2_000);
  setText(live.lastElementChild, isLost ? "Reconnecting" : isLive ? "Live" : "Connecting");
  live.dataset.state = isLost ? "lost" : isLive ? "live" : "waiting";
  document.documentElement.toggleAttribute("data-lost", isLost);
  const notice = byId("notice");
  const text = isLost
    ? refusal ?? "The connection to the server is lost. What you see is from before; it updates as soon as the server is back."
    : isOutdated ? "Portless is another version now." : store.problem?.text ?? null;
  setHidden(notice, !text);
  if (text && notice.dataset.text !== text) {
    notice.dataset.text = text;
    notice.replaceChildren(icon("warning"), h("span", {}, sentence(text)),
      isLost ? h("code", {}, "portless server status") : isOutdated ? button("restart", "Load the page again", () => location.reload()) : "");
  }
}

// Shortcuts

const shortcuts = [
  ["1 … 8", "Apps, Logs, Ports, Traffic, Health, Crashes, Jobs, Browser"], ["Ctrl K", "Find and run: apps, ports, processes, actions"],
  ["/", "Search in this view"], ["f", "Logs: follow or pause"], ["w", "Logs: wrap long lines"],
  ["↑ ↓", "Traffic: the request before or after"], ["t", "Light, dark, or as the system"],
  ["?", "These shortcuts"], ["Esc", "Close"],
];

export function showShortcuts() {
  if (document.querySelector("dialog[open]")) return;
  openDialog("Keyboard shortcuts", h("dl", { class: "shortcuts" },
    shortcuts.map(([keys, text]) => [h("dt", {}, h("kbd", {}, keys)), h("dd", {}, text)]).flat()));
}

const themes = ["system", "light", "dark"];

export function showTheme(theme) {
  setAttribute(document.documentElement, "data-theme", theme === "system" ? null : theme);
}

export function changeTheme() {
  const next = themes[(themes.indexOf(localStorage.theme ?? "system") + 1) % themes.length];
  localStorage.theme = next;
  showTheme(next);
}

function handleKey(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const isTyping = event.target.matches("input:not([type=checkbox]), textarea, select");
  if (isTyping) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (/^[1-8]$/.test(event.key)) {
    location.hash = `#/${views[event.key - 1].id}`;
    // The browser tells of it later, and the next key may be pressed before.
    route();
  } else if (event.key === "?") showShortcuts();
  else if (event.key === "t") changeTheme();
  else if (event.key === "/") {
    const field = current.page.node.querySelector("input[type=search]");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  } else current.page.parts.key?.(event);
}

showTheme(localStorage.theme ?? "system");
makeFrame();
store.on(["apps"], function firstPaint() {
  if (performance.getEntriesByName("portless-data").length === 0) performance.mark("portless-data");
});
store.start();
addEventListener("hashchange", route);
addEventListener("keydown", handleKey);
document.addEventListener("portless:shortcuts", showShortcuts);
document.addEventListener("portless:theme", changeTheme);
route();
