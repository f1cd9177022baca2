// What the page shows, fed by one stream of events. Views subscribe to topics and are called at most
// once a frame with the topics that changed.

import { Stream, get, getIfThere } from "./api.js";
import { appModel, hueOf, processModel, stateOf } from "./model.js";

/** The server gives a sign of life each second. */
const longestSilence = 2_100;
const mostCrashes = 100;

class Store {
  apps = null;
  routes = [];
  ports = null;
  health = null;
  exposure = null;
  session = { signedIn: null };
  /** The newest first; null where this server records no crashes. */
  crashes = undefined;
  watcher = undefined;
  /** The latest first; null where this server runs no jobs. */
  jobs = undefined;
  browser = undefined;
  connection = { isLive: false, hasBeen: false, since: performance.now() };
  problem = null;

  #subscribers = new Set();
  #changed = new Set();
  #isScheduled = false;
  #events = null;
  #timers = new Map();
  #version = null;
  #hasUsageEvents = false;

  /** Calls `update(topics)` after each change of one of the topics; returns what ends that. */
  on(topics, update) {
    const subscriber = { topics, update };
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  changed(topic) {
    this.#changed.add(topic);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => this.flush());
  }

  flush() {
    this.#isScheduled = false;
    const topics = this.#changed;
    this.#changed = new Set();
    for (const subscriber of [...this.#subscribers]) {
      if (!subscriber.topics.some((topic) => topics.has(topic))) continue;
      try {
        subscriber.update(topics);
      } catch (error) {
        console.error(error);
      }
    }
  }

  app(key) {
    return this.apps?.find((app) => app.key === key || app.id === key) ?? null;
  }

  // Loading

  start() {
    this.loadAll();
    this.#connect();
    document.addEventListener("visibilitychange", () => this.#followVisibility());
    setInterval(() => this.#pollUsage(), 3_000);
    setInterval(() => this.#pollTerminals(), 5_000);
    setInterval(() => this.#watchConnection(), 250);
  }

  async loadAll() {
    await Promise.all([
      this.load("apps"), this.load("routes"), this.load("health"), this.load("exposure"), this.load("session"),
      this.load("crashes"), this.load("watcher"), this.load("jobs"),
      this.ports ? this.load("ports") : null,
    ]);
  }

  async load(topic) {
    try {
      await this.#loaders[topic]();
      if (this.problem?.topic === topic) this.#setProblem(null);
    } catch (error) {
      // While the connection is lost, the page says that already; all is loaded again after it.
      if (error.status === 0) this.#loadSoon(topic, 1_000);
      else this.#setProblem({ topic, text: error.message });
      return;
    }
    this.changed(topic);
  }

  #loaders = {
    apps: async () => {
      this.apps = (await get("/api/apps")).map(appModel);
      for (const app of this.apps) hueOf(app.key);
    },
    routes: async () => {
      this.routes = await get("/api/routes");
    },
    ports: async () => {
      const [table, map] = await Promise.all([get("/api/ports"), getIfThere("/api/ports/map")]);
      this.ports = { ...table, map };
    },
    health: async () => {
      this.health = await get("/api/health");
      // The page of another version may not fit the server any more.
      if (this.#version && this.#version !== this.health.version) this.connection.isOutdated = true;
      this.#version ??= this.health.version;
    },
    exposure: async () => {
      const [server, all] = await Promise.all([get("/api/network-exposure/status"), getIfThere("/api/exposure")]);
      this.exposure = { ...server, ...all };
    },
    crashes: async () => {
      this.crashes = (await getIfThere(`/api/crashes?limit=${mostCrashes}`))?.crashes ?? null;
    },
    watcher: async () => {
      this.watcher = await getIfThere("/api/crashes/watcher");
    },
    jobs: async () => {
      this.jobs = (await getIfThere("/api/jobs"))?.jobs ?? null;
    },
    browser: async () => {
      this.browser = await getIfThere("/api/browser/status");
    },
    session: async () => {
      this.session = (await getIfThere("/api/session")) ?? { signedIn: null };
    },
  };

  /** Loads a list after a pause in which further events of it may come. */
  #loadSoon(topic, pause = 150) {
    if (this.#timers.has(topic)) return;
    this.#timers.set(topic, setTimeout(() => {
      this.#timers.delete(topic);
      this.load(topic);
    }, pause));
  }

  #setProblem(problem) {
    this.problem = problem;
    this.changed("problem");
  }

  // Events

  #connect() {
    this.#events = new Stream("/api/events", {
      onOpen: (isAgain) => {
        Object.assign(this.connection, { isLive: true, hasBeen: true, refusal: null, since: performance.now() });
        this.changed("connection");
        if (isAgain) {
          this.loadAll();
          this.changed("reconnected");
        }
      },
      onLost: (silence = 0) => this.#lose(silence),
      onRefused: (refusal) => {
        this.connection.refusal = refusal.message;
        this.#lose();
      },
      onEvent: (name, data) => this.#take(name, data),
    }, { silence: longestSilence });
  }

  #lose(silence = 0) {
    if (this.connection.isLive) this.connection.since = performance.now() - silence;
    this.connection.isLive = false;
    this.changed("connection");
  }

  #watchConnection() {
    if (!this.connection.isLive) this.changed("connection");
  }

  /** Hidden pages hold no connection: a browser has only six for a server over HTTP/1.1. */
  #followVisibility() {
    clearTimeout(this.#timers.get("hide"));
    if (document.hidden) {
      this.#timers.set("hide", setTimeout(() => {
        this.#events?.close();
        this.#events = null;
      }, 20_000));
    } else if (!this.#events) {
      this.#connect();
      this.loadAll();
    }
  }

  #take(name, data) {
    switch (name) {
      case "process": return this.#takeProcess(data.app, data.process);
      case "app": return this.#takeApp(data);
      case "usage": return this.#takeUsage(data);
      case "crash": return this.takeCrash(data.crash);
      case "crashes":
        this.#loadSoon("watcher");
        return this.#loadSoon("crashes");
      case "job": return this.takeJob(data.job);
      case "jobs": return this.#loadSoon("jobs");
      case "removed": case "apps": return this.#loadSoon("apps");
      case "routes":
        this.#loadSoon("apps");
        this.#loadSoon("routes");
        return this.#portsChanged();
      case "ports": return this.#portsChanged();
      case "resync": return this.loadAll();
    }
  }

  /** A new crash, or another state of one that is known. */
  takeCrash(crash) {
    const others = (this.crashes ?? []).filter((known) => known.id !== crash.id);
    this.crashes = [crash, ...others].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, mostCrashes);
    this.changed("crashes");
  }

  /** A new job, or another state of one that is known. */
  takeJob(job) {
    const others = (this.jobs ?? []).filter((known) => known.id !== job.id);
    this.jobs = [job, ...others].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    this.changed("jobs");
  }

  /** Crashes that came since this browser last looked at them. */
  get unseenCrashes() {
    const seen = localStorage.seenCrash ?? "";
    return (this.crashes ?? []).filter((crash) => crash.id > seen).length;
  }

  seeCrashes() {
    const newest = this.crashes?.[0]?.id;
    if (newest && newest > (localStorage.seenCrash ?? "")) {
      localStorage.seenCrash = newest;
      this.changed("crashes");
    }
  }

  #portsChanged() {
    if (this.ports) this.#loadSoon("ports");
    this.changed("portsChanged");
  }

  #takeProcess(key, json) {
    const app = this.app(key);
    if (!app?.isSupervised) return this.#loadSoon("apps");
    const index = app.processes.findIndex((process) => process.name === json.name);
    if (index < 0) return this.#loadSoon("apps");
    const before = app.processes[index];
    app.processes[index] = processModel(json, before);
    app.state = stateOf(app.processes);
    // Why it failed stands in its last lines.
    if (before.state !== app.processes[index].state) {
      delete app.lastLines[json.name];
      if (this.ports) this.#loadSoon("ports");
    }
    this.changed("apps");
  }

  #takeApp(json) {
    const app = this.app(json.name);
    if (!app?.isSupervised) return this.#loadSoon("apps");
    app.processes = json.processes.map((process) =>
      processModel(process, app.processes.find((old) => old.name === process.name)));
    app.problem = json.problem ?? null;
    app.state = stateOf(app.processes);
    this.changed("apps");
    this.#loadSoon("apps");
  }

  #takeUsage(data) {
    this.#hasUsageEvents = true;
    for (const [key, processes] of Object.entries(data.apps ?? {})) {
      const app = this.app(key);
      for (const process of app?.processes ?? []) {
        const usage = processes[process.name];
        if (usage) Object.assign(process, { cpu: usage.cpu ?? null, memory: usage.memory ?? null });
      }
    }
    this.changed("usage");
  }

  /** Events tell nothing of what runs in terminals, nor of who listens where. */
  #pollTerminals() {
    if (document.hidden || !this.connection.isLive) return;
    if (this.apps?.some((app) => app.terminal)) this.load("apps");
    this.load("exposure");
  }

  /** For servers without events of usage. */
  async #pollUsage() {
    if (this.#hasUsageEvents || document.hidden || !this.connection.isLive || !this.apps?.length) return;
    const fresh = await get("/api/apps").catch(() => null);
    for (const json of fresh ?? []) {
      const app = this.app(json.supervised?.name ?? json.id);
      for (const process of json.supervised?.processes ?? []) {
        const known = app?.processes.find((other) => other.name === process.name);
        if (known && known.pid === (process.pid ?? null)) {
          Object.assign(known, { cpu: process.cpu ?? null, memory: process.memory ?? null });
        }
      }
    }
    this.changed("usage");
  }
}

export const store = new Store();
