// Jobs: commands that run once in the background, how they ended, and what they write.

import { pieces, plain } from "../lib/ansi.js";
import { Stream, post, send } from "../lib/api.js";
import { h, keyed, setAttribute, setHidden, setText } from "../lib/dom.js";
import { ago, clock, count, date, span } from "../lib/format.js";
import { isJobActive } from "../lib/model.js";
import { store } from "../lib/store.js";
import { button, change, command, confirmed, copy, searchField, setSentence, whileBusy } from "../lib/ui.js";

const pathOf = (job) => `/api/jobs/${encodeURIComponent(job.id)}`;
const titleOf = (job) => job.name ?? job.id;
const searchText = (job) => [job.name, job.id, job.state, job.directory, ...job.command].join(" ").toLowerCase();

export const jobsView = {
  id: "jobs",
  title: "Jobs",

  make(root) {
    let text = "";
    let opened = null;
    let isShown = true;
    const search = searchField("Filter jobs", (typed) => {
      text = typed.toLowerCase();
      show();
    });
    const summary = h("p", { class: "summary" });
    const clear = button("trash", "Forget the ended", async () => {
      if (!(await confirmed("Forget all jobs that have ended?", "Their output is removed. Jobs that run stay.", "Forget"))) return;
      await change(() => post("/api/jobs/prune", {}));
      store.load("jobs");
    });
    const list = h("div", { class: "cards" });
    const none = h("p", { class: "empty", hidden: true });
    const welcome = h("section", { class: "welcome", hidden: true },
      h("h1", {}, "Commands that outlive the terminal"),
      h("p", {}, "A job is a command that runs once in the background: a build, a migration, an agent. It goes on when the terminal closes and when the server ends, and how it ended is kept."),
      h("ol", {}, h("li", {}, h("h2", {}, "Start one in a terminal"), command("portless jobs run -- npm run build"))));
    const bar = h("div", { class: "bar" }, h("h1", {}, "Jobs"), summary, h("span", { class: "gap" }), search.node, clear);
    root.append(bar, welcome, list, none);

    const showCards = keyed(list, (job) => job.id, (job) => makeJob(job, {
      isOpen: () => opened === job.id,
      isFollowed: () => isShown && !document.hidden && opened === job.id,
      open: (isOpen) => {
        opened = isOpen ? job.id : null;
        history.replaceState(null, "", isOpen ? `#/jobs/${encodeURIComponent(job.id)}` : "#/jobs");
        show();
      },
    }));

    function show() {
      const { jobs } = store;
      if (jobs === undefined) return;
      if (opened && !jobs?.some((job) => job.id === opened)) opened = jobs?.find((job) => job.name === opened)?.id ?? opened;
      const isBlank = !jobs?.length;
      setHidden(bar, isBlank);
      setHidden(welcome, !isBlank);
      const found = (jobs ?? []).filter((job) => !text || searchText(job).includes(text));
      showCards(found);
      const running = (jobs ?? []).filter(isJobActive).length;
      setText(summary, `${running} running, ${(jobs ?? []).length - running} ended`);
      setHidden(clear, isBlank || running === jobs.length);
      setHidden(none, isBlank || found.length > 0);
      setText(none, "No job matches the filter.");
    }

    store.on(["jobs"], show);
    setInterval(() => isShown && !document.hidden && show(), 1_000);
    document.addEventListener("visibilitychange", show);

    return {
      show() {
        isShown = true;
        store.load("jobs");
      },
      hide() {
        isShown = false;
        show();
      },
      visit([id]) {
        if (id) opened = id;
        show();
        if (id) list.querySelector(`[data-open="true"]`)?.scrollIntoView({ block: "nearest" });
      },
    };
  },
};

const tones = { starting: "busy", running: "good", stopping: "busy", succeeded: "off", stopped: "off" };

function ending(job) {
  const time = job.durationMs === undefined ? "" : ` after ${span(job.durationMs)}`;
  if (job.exitCode !== undefined) return `${job.state}, exit code ${job.exitCode}${time}`;
  if (job.signal !== undefined) return `${job.state} by signal ${job.signal}${time}`;
  if (!isJobActive(job)) return `${job.state}${time}`;
  const passed = Date.now() - new Date(job.startedAt ?? job.createdAt).getTime();
  return `${job.state} for ${span(passed)}`;
}

function makeJob(first, { isOpen, isFollowed, open }) {
  let job = first;
  const dot = h("span", { class: "dot" });
  const name = h("h2", {});
  const state = h("span", { class: "state" });
  const time = h("time", { class: "dim" });
  const line = h("code", { class: "job-command" });
  const folder = h("p", { class: "dim mono" });
  const reason = h("p", {});
  const stop = button("stop", "Stop", (event) => whileBusy(event.currentTarget, () => end("stop"))());
  const forget = button("trash", "Forget", async () => {
    if (await change(() => send("DELETE", pathOf(job)))) store.load("jobs");
  }, { isQuiet: true });
  const more = button("chevron", "Output", () => open(!isOpen()), { kind: "toggle" });
  const output = makeOutput(() => job);
  const node = h("article", { class: "card job" },
    h("header", {}, h("div", { class: "identity" }, dot, name, state, time), h("div", { class: "actions" }, stop, more, forget)),
    h("div", { class: "job-body" }, line, folder, reason, output.node));

  async function end(verb) {
    const answer = await change(() => post(`${pathOf(job)}/${verb}`, {}));
    if (answer?.id) store.takeJob(answer);
  }

  return {
    node,
    removed: () => output.update(false, false),
    update(next) {
      job = next;
      node.dataset.job = job.id;
      dot.dataset.tone = state.dataset.tone = tones[job.state] ?? "bad";
      setAttribute(node, "aria-label", titleOf(job));
      setText(name, titleOf(job));
      setText(state, ending(job));
      setText(time, ago(job.createdAt));
      setAttribute(time, "datetime", job.createdAt);
      setAttribute(time, "title", `${date(job.createdAt)}, ${clock(new Date(job.createdAt))}`);
      setText(line, job.command.join(" "));
      setText(folder, job.directory);
      // How it ended stands above.
      const why = job.exitCode === undefined && job.signal === undefined ? job.reason : null;
      setHidden(reason, !why);
      setSentence(reason, why);
      setHidden(stop, !isJobActive(job));
      setHidden(forget, isJobActive(job));
      for (const [control, verb] of [[stop, "Stop"], [more, "Output of"], [forget, "Forget"]]) {
        setAttribute(control, "aria-label", `${verb} ${titleOf(job)}`);
      }
      const isShown = isOpen();
      setAttribute(more, "aria-expanded", String(isShown));
      setAttribute(more, "aria-pressed", String(isShown));
      node.dataset.open = String(isShown);
      output.update(isShown, isFollowed());
    },
  };
}

// What it writes

/** The rest is in the job's files: `portless jobs logs`. */
const mostLines = 1_000;
const longestLine = 4_000;

function makeOutput(current) {
  let lines = [];
  let fresh = [];
  let stream = null;
  let lastCursor = null;
  const log = h("pre", { class: "body mono job-output", tabindex: "0", role: "region", "aria-label": "Output" });
  const note = h("span", { class: "dim count" });
  const tools = h("div", { class: "actions" }, note,
    button("copy", "Copy the output", () => copy(`${lines.map((line) => plain(line.text)).join("\n")}\n`, `${count(lines.length, "line")} copied.`), { isQuiet: true }));
  const node = h("section", { class: "job-log", hidden: true }, tools, log);

  function follow() {
    stream = new Stream(`${pathOf(current())}/output/follow?lines=${mostLines}`, {
      onEvent: (name, data) => take(name, data),
      onRefused: (refusal) => setText(note, refusal.message),
    }, { after: lastCursor === null ? null : String(lastCursor) });
  }

  function take(name, data) {
    if (data.cursor === undefined || (lastCursor !== null && data.cursor <= lastCursor)) return;
    lastCursor = data.cursor;
    fresh.push({ stream: name, text: data.line.length > longestLine ? `${data.line.slice(0, longestLine)} …` : data.line });
    if (fresh.length === 1) requestAnimationFrame(takeIn);
  }

  function takeIn() {
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 24;
    const added = fresh.slice(-mostLines);
    fresh = [];
    lines = [...lines, ...added].slice(-mostLines);
    for (const line of added) log.append(lineNode(line));
    while (log.childElementCount > mostLines) log.firstElementChild.remove();
    if (isAtEnd) log.scrollTop = log.scrollHeight;
    showCount();
  }

  function showCount() {
    setText(note, lines.length === 0 ? "Nothing was written yet." : lines.length < mostLines ? count(lines.length, "line") : `the last ${count(mostLines, "line")}`);
  }

  return {
    node,
    update(isShown, isFollowed) {
      setHidden(node, !isShown);
      if (isFollowed && !stream) {
        showCount();
        follow();
      } else if (!isFollowed && stream) {
        stream.close();
        stream = null;
      }
    },
  };
}

function lineNode({ stream, text }) {
  return h("span", { class: `job-line ${stream}` },
    ...pieces(text).map((piece) => (piece.classes ? h("span", { class: piece.classes }, piece.text) : piece.text)), "\n");
}
