// What the page knows of apps, in one form, whatever the server's version tells.

const order = ["unknown", "crash_looping", "errored", "starting", "stopping", "online", "stopped"];

/** The state of an app as a whole: the first of these that a process has. */
export function stateOf(processes) {
  const states = new Set(processes.map((process) => process.state));
  return order.find((state) => states.has(state)) ?? "not_started";
}

const titles = {
  online: "Online", starting: "Starting", stopping: "Stopping", stopped: "Stopped", errored: "Failed",
  crash_looping: "Crash loop", unknown: "Unknown", not_started: "Not started", terminal: "In a terminal",
};

/** States by how they look: good, busy, bad, off. */
export function toneOf(state) {
  if (state === "online" || state === "terminal") return "good";
  if (state === "starting" || state === "stopping") return "busy";
  if (state === "errored" || state === "crash_looping" || state === "unknown") return "bad";
  return "off";
}

/** A process without a port is never known to serve. */
export function titleOf(state, process) {
  if (state === "online" && process && !process.ports.length) return "Running";
  return titles[state] ?? state;
}

export const isUp = (process) => Boolean(process.pid) || process.state === "starting";

function normalState(text) {
  return (text ?? "not_started").replaceAll("-", "_").replaceAll(" ", "_");
}

export function processModel(json, previous) {
  return {
    name: json.name,
    state: normalState(json.state),
    pid: json.pid ?? null,
    startedAt: json.startedAt ?? null,
    ports: Object.entries(json.ports ?? {}).map(([label, port]) => ({ label, port })),
    urls: json.urls ?? [],
    restarts: json.restarts ?? 0,
    reason: json.reason ?? null,
    waitsFor: json.waitsFor ?? null,
    health: json.health ?? null,
    lastExit: json.lastExit ?? null,
    // Events of changes don't tell these.
    cpu: json.cpu ?? (json.pid === previous?.pid ? previous?.cpu : null) ?? null,
    memory: json.memory ?? (json.pid === previous?.pid ? previous?.memory : null) ?? null,
  };
}

export function appModel(json) {
  const supervised = json.supervised;
  const processes = supervised
    ? supervised.processes.map((process) => processModel(process))
    : (json.processes ?? []).map((process) => processModel({ ...process, state: "not_started" }));
  const name = json.name ?? json.id;
  const key = supervised?.name ?? json.id;
  return {
    id: json.id,
    /** The name under which the supervisor tells of it. */
    key,
    name,
    folder: supervised?.directory ?? json.repoPath ?? json.terminal?.directory ?? "",
    project: json.project ?? { id: projectOf(key), name: projectOf(key) },
    branch: json.branch ?? branchOf(key),
    worktree: json.worktree ?? null,
    isSupervised: Boolean(supervised),
    terminal: json.terminal ?? null,
    isArchived: json.archived === true,
    problem: supervised?.problem ?? null,
    onRequest: supervised?.onRequest ?? null,
    processes,
    state: supervised ? stateOf(processes) : json.terminal ? "terminal" : "not_started",
    urls: urlsOf(json, processes),
    lastLines: json.lastLines ?? {},
    names: (json.names ?? []).map((entry) => entry.name),
  };
}

// The app of a worktree is called `branch.project`.
const projectOf = (name) => name.slice(name.lastIndexOf(".") + 1);
const branchOf = (name) => (name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : null);

function urlsOf(json, processes) {
  if (json.urls?.length) return json.urls;
  return processes.flatMap((process) => process.urls.map((url) => ({
    url, process: process.name, label: "", scope: "local",
  })));
}

/** Archived apps stand aside, but what runs is never out of sight. */
export const isAside = (app) => app.isArchived && !app.processes.some((process) => process.pid);

/** The app's own name is the shortest of all that lead to it. */
export function mainURL(app) {
  const local = app.urls.filter((entry) => (entry.scope ?? "local") === "local").map((entry) => entry.url);
  return local.reduce((best, url) => (best && best.length <= url.length ? best : url), null);
}

/** The addresses that other devices can open. */
export const sharedURLs = (app) => app.urls.filter((url) => url.scope && url.scope !== "local");

export function totals(app) {
  const running = app.processes.filter((process) => process.pid);
  const sum = (key) => (running.some((process) => process[key] !== null)
    ? running.reduce((total, process) => total + (process[key] ?? 0), 0) : null);
  const starts = running.map((process) => process.startedAt).filter(Boolean);
  return {
    cpu: sum("cpu") ?? app.terminal?.cpu ?? null, memory: sum("memory") ?? app.terminal?.memory ?? null, running: running.length,
    startedAt: starts.length ? Math.min(...starts) : app.terminal?.startedAt ?? null,
  };
}

export const shortURL = (url) => url.replace(/^https?:\/\//, "").replace(/\/$/, "");

const hues = new Map();

/** One colour of nine for a name, the same everywhere on the page, and for all of its worktrees. */
export function hueOf(name) {
  const project = projectOf(name);
  if (!hues.has(project)) hues.set(project, freeHue(project));
  return hues.get(project);
}

/** The same for a name on each visit, unless another name has that colour and there is a free one. */
function freeHue(project) {
  const wanted = [...project].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 997, 7) % 9;
  const taken = new Set(hues.values());
  for (let step = 0; step < 9; step++) {
    if (!taken.has((wanted + step) % 9)) return (wanted + step) % 9;
  }
  return wanted;
}

/** Whether a job runs. */
export const isJobActive = (job) => ["starting", "running", "stopping"].includes(job.state);
