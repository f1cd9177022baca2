// Crashes: what ended by itself, why, and what can be done about it.

import { pieces } from "../lib/ansi.js";
import { get, post, send } from "../lib/api.js";
import { h, keyed, setAttribute, setHidden, setText } from "../lib/dom.js";
import { ago, bytes, clock, count, date, span } from "../lib/format.js";
import { icon } from "../lib/icons.js";
import { hueOf } from "../lib/model.js";
import { store } from "../lib/store.js";
import { button, change, command, confirmed, copy, searchField, setButtonText, setSentence, tell, whileBusy } from "../lib/ui.js";

const pathOf = (crash) => `/api/crashes/${encodeURIComponent(crash.id)}`;

export const crashesView = {
  id: "crashes",
  title: "Crashes",

  make(root) {
    let text = "";
    let opened = null;
    const search = searchField("Filter crashes", (typed) => {
      text = typed.toLowerCase();
      show();
    });
    const summary = h("p", { class: "summary" });
    const watch = button("eye", "Watch", (event) => whileBusy(event.currentTarget, () => setWatching(!store.watcher?.on))(), { kind: "toggle" });
    const clear = button("trash", "Clear all", async () => {
      if (!(await confirmed("Forget all crashes?", "Their records and patches are removed. Apps and their logs stay as they are.", "Forget"))) return;
      await change(() => send("DELETE", "/api/crashes"));
      store.load("crashes");
    });
    const bar = h("div", { class: "bar" }, h("h1", {}, "Crashes"), summary, h("span", { class: "gap" }), search.node, watch, clear);
    const autofix = h("div", { class: "autofix", hidden: true });
    const list = h("div", { class: "cards" });
    const none = h("p", { class: "empty", hidden: true });
    const welcome = makeWelcome();
    root.append(bar, welcome, autofix, list, none);

    const showCards = keyed(list, (crash) => crash.id, (crash) => makeCrash(crash, {
      isOpen: () => opened === crash.id,
      open: (isOpen) => {
        opened = isOpen ? crash.id : null;
        history.replaceState(null, "", isOpen ? `#/crashes/${encodeURIComponent(crash.id)}` : "#/crashes");
        show();
      },
    }));

    function show() {
      const { crashes, watcher } = store;
      if (crashes === null || watcher === null) return showAbsence();
      if (!crashes || !watcher) return;
      const isBlank = !watcher.on && !crashes.length;
      setHidden(welcome, !isBlank);
      setHidden(bar, isBlank);
      const found = crashes.filter((crash) => !text || searchText(crash).includes(text));
      showCards(isBlank ? [] : found);
      setText(summary, crashes.length ? `${count(crashes.length, "crash", "crashes")}, the newest first` : "");
      setHidden(search.node, !crashes.length);
      setHidden(clear, !crashes.length);
      setHidden(none, isBlank || found.length > 0);
      setText(none, crashes.length ? "No crash matches the filter." : "No app has crashed since the watcher is on. A crash appears here with its reason and what to do about it.");
      setAttribute(watch, "aria-pressed", String(watcher.on));
      setButtonText(watch, watcher.on ? "Watching" : "Turn on");
      watch.title = watcher.on ? "Turns the crash watcher off" : "Records crashes from now on";
      showAutofix(watcher, isBlank);
    }

    function showAbsence() {
      for (const part of [search.node, watch, clear, welcome, autofix]) setHidden(part, true);
      setHidden(none, false);
      setText(none, "This server records no crashes. It is of an older version than the page.");
    }

    function showAutofix(watcher, isBlank) {
      setHidden(autofix, isBlank);
      const shown = JSON.stringify([watcher.autofix, watcher.on]);
      if (autofix.dataset.shown === shown) return;
      autofix.dataset.shown = shown;
      autofix.replaceChildren(...(watcher.autofix ? autofixParts(watcher) : [
        h("span", {}, "Autofix is off. It gives a crash to a command of yours, which may propose a patch:"),
        command("portless crashes autofix set -- claude -p"),
      ]));
    }

    store.on(["crashes", "watcher", "apps"], show);
    setInterval(() => !document.hidden && !root.hidden && show(), 10_000);
    show();

    return {
      show() {
        store.load("crashes");
        store.load("watcher");
      },
      visit([id]) {
        if (id) opened = id;
        store.seeCrashes();
        show();
        if (id) list.querySelector(`[data-open="true"]`)?.scrollIntoView({ block: "nearest" });
      },
    };
  },
};

const searchText = (crash) => [crash.app, crash.process, crash.sentence, crash.diagnosis?.sentence, crash.diagnosis?.kind].join(" ").toLowerCase();

async function setWatching(on) {
  const answer = await change(() => send("PUT", "/api/crashes/watcher", { on }), { done: on ? "Crashes are recorded from now on." : "The crash watcher is off." });
  if (answer && "on" in answer) {
    store.watcher = answer;
    store.changed("watcher");
  }
}

function autofixParts({ autofix, on, cooldownMinutes }) {
  const policy = autofix.apply === "verified" ? "It is applied once it is verified." : "It waits here for you.";
  return [
    h("span", {}, on ? "Autofix gives a crash to " : "While the watcher is on, autofix gives a crash to "), h("code", {}, autofix.command.join(" ")),
    h("span", {}, `, for up to ${span(autofix.timeoutSeconds * 1000)}, in a worktree of its own`),
    autofix.verify && h("span", {}, "; a patch is verified by "), autofix.verify && h("code", {}, autofix.verify.join(" ")),
    h("span", {}, `. ${policy} ${cooldownMinutes ? `One try for a process in ${count(cooldownMinutes, "minute")}.` : ""}`),
  ].filter(Boolean);
}

/** What the watcher is for, and how it is turned on. */
function makeWelcome() {
  return h("section", { class: "welcome", hidden: true },
    h("h1", {}, "Know why it crashed"),
    h("p", {}, "While the crash watcher is on, each crash of an app in the background is recorded: how it ended, its last lines, its ports and who held them, and what changed since it last ran well. Known reasons come with a remedy."),
    h("ol", {},
      h("li", {}, h("h2", {}, "Turn it on"), button("eye", "Turn on", (event) => whileBusy(event.currentTarget, () => setWatching(true))(), { kind: "main" }), h("p", { class: "dim" }, "Values of environment variables are never recorded, only their names.")),
      h("li", {}, h("h2", {}, "Or in a terminal"), command("portless crashes on"))));
}

// One crash

function makeCrash(first, { isOpen, open }) {
  let crash = first;
  let details = null;
  let isLoading = false;
  const place = h("h2", {});
  const ending = h("span", { class: "state", "data-tone": "bad" });
  const time = h("time", { class: "dim" });
  const patchState = h("span", { class: "chip" });
  const diagnosis = h("p", { class: "diagnosis" });
  const evidence = h("pre", { class: "evidence mono", hidden: true });
  const remedy = h("p", { class: "remedy" });
  const fix = h("span", {});
  const restart = button("restart", "Restart", (event) => whileBusy(event.currentTarget, () =>
    change(() => post(`${pathOf(crash)}/restart`), { done: `${crash.process} of ${crash.app} is starting.` }))());
  const more = button("chevron", "Details", () => open(!isOpen()), { kind: "toggle" });
  const forget = button("trash", "Forget this crash", (event) => whileBusy(event.currentTarget, async () => {
    if (await change(() => send("DELETE", pathOf(crash)))) store.load("crashes");
  })(), { isQuiet: true });
  const logs = h("a", { class: "button", href: "#" }, icon("logs"), h("span", {}, "Logs"));
  const patch = makePatch(() => crash);
  const content = h("div", { class: "crash-details", hidden: true });
  const node = h("article", { class: "card crash" },
    h("header", {}, h("div", { class: "identity" }, h("span", { class: "dot", "data-tone": "bad" }), place, ending, time, patchState),
      h("div", { class: "actions" }, restart, logs, more, forget)),
    h("div", { class: "crash-body" }, diagnosis, evidence, remedy, fix, patch.node, content));

  async function load() {
    if (isLoading) return;
    isLoading = true;
    try {
      details = await get(pathOf(crash));
      content.replaceChildren(...detailParts(details));
    } catch (error) {
      content.replaceChildren(h("p", { class: "dim" }, error.message));
    }
    isLoading = false;
  }

  return {
    node,
    update(next) {
      crash = next;
      node.dataset.crash = crash.id;
      node.dataset.hue = hueOf(crash.app);
      setAttribute(node, "aria-label", `${crash.process} of ${crash.app}`);
      setText(place, crash.process === crash.app ? crash.app : `${crash.app} ${crash.process}`);
      setText(ending, crash.exit?.problem ? "couldn't be started" : crash.sentence);
      setText(time, ago(crash.at));
      setAttribute(time, "datetime", crash.at);
      setAttribute(time, "title", `${date(crash.at)}, ${clock(new Date(crash.at))}`);
      setSentence(diagnosis, sentenceOf(crash));
      diagnosis.classList.toggle("unsure", crash.diagnosis?.isCertain === false);
      setHidden(evidence, !crash.diagnosis?.evidence);
      showLines(evidence, crash.diagnosis?.evidence ? [{ text: crash.diagnosis.evidence }] : []);
      setHidden(remedy, !crash.diagnosis?.remedy);
      setSentence(remedy, crash.diagnosis?.remedy);
      const wanted = crash.diagnosis?.command ?? "";
      if (fix.dataset.command !== wanted) {
        fix.dataset.command = wanted;
        fix.replaceChildren(...(wanted ? [command(wanted)] : []));
      }
      setHidden(fix, !wanted);
      const known = store.app(crash.app);
      setHidden(restart, store.apps && !known?.isSupervised);
      setHidden(logs, !known?.isSupervised);
      setAttribute(logs, "href", `#/logs/${encodeURIComponent(crash.app)}/${encodeURIComponent(crash.process)}`);
      for (const [control, verb] of [[restart, "Restart"], [logs, "Logs of"], [more, "Details of"], [forget, "Forget this crash of"]]) {
        setAttribute(control, "aria-label", `${verb} ${crash.process} of ${crash.app}`);
      }
      setHidden(patchState, !crash.patch);
      setText(patchState, crash.patch ? patchTitles[crash.patch.state] ?? crash.patch.state : "");
      patchState.dataset.tone = patchTones[crash.patch?.state] ?? "off";
      const shown = isOpen();
      setAttribute(more, "aria-expanded", String(shown));
      setAttribute(more, "aria-pressed", String(shown));
      node.dataset.open = String(shown);
      patch.update(shown);
      setHidden(content, !shown);
      if (shown && !details) load();
    },
  };
}

function sentenceOf({ diagnosis, exit }) {
  if (diagnosis && diagnosis.kind !== "unknown") return diagnosis.sentence;
  return exit?.problem ?? diagnosis?.sentence ?? "Why isn't known; its last lines may tell.";
}

function showLines(node, lines) {
  const shown = JSON.stringify(lines);
  if (node.dataset.lines === shown) return;
  node.dataset.lines = shown;
  node.replaceChildren(...lines.flatMap((line, index) => [
    index ? "\n" : "",
    ...pieces(line.text).map(({ text, classes }) => (classes ? h("span", { class: classes }, text) : text)),
  ]));
}

const heading = (text, note = "", action = null) => h("h3", {}, text, h("span", { class: "dim" }, note), action);

function detailParts(details) {
  const parts = [];
  for (const [name, lines] of [["Last errors", details.errors], ["Last output", details.output]]) {
    if (!lines?.length) continue;
    const node = h("pre", { class: "body mono", tabindex: "0", role: "region", "aria-label": name });
    showLines(node, lines);
    parts.push(h("section", { class: "wide" }, heading(name, count(lines.length, "line"),
      button("copy", `Copy: ${name.toLowerCase()}`, () => copy(lines.map((line) => line.text).join("\n"), `${count(lines.length, "line")} copied.`), { isQuiet: true })), node));
  }
  if (!details.errors?.length && !details.output?.length) parts.push(h("p", { class: "dim wide" }, "It wrote nothing."));
  const facts = [
    details.command?.length && ["Command", h("code", {}, details.command.join(" "))], details.directory && ["Folder", h("code", {}, details.directory)],
    details.pid && ["PID", String(details.pid)], ["When", `${date(details.at)}, ${clock(new Date(details.at))}`],
  ].filter(Boolean);
  parts.push(h("section", {}, heading("Process"), h("dl", { class: "pairs" }, facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]))));
  if (details.ports?.length) {
    parts.push(h("section", {}, heading("Ports", "at that moment"), h("dl", { class: "pairs" }, details.ports.flatMap((entry) => [
      h("dt", {}, h("a", { class: "mono", href: `#/ports/${Number(entry.port)}` }, `${entry.label ? `${entry.label}:` : ""}${entry.port}`)),
      h("dd", { class: entry.holder ? "" : "dim" }, entry.holder ? `held by ${entry.holder}` : "nothing listened"),
    ]))));
  }
  if (details.git) parts.push(gitPart(details.git));
  if (details.environment?.length) {
    parts.push(h("section", { class: "wide" }, heading("Environment", "names only"),
      h("ul", { class: "names-list" }, details.environment.map((name) => h("li", { class: "chip mono" }, name)))));
  }
  return parts;
}

function gitPart({ head, branch, lastGood, changed = [], more = 0 }) {
  const short = (text) => String(text ?? "").slice(0, 10);
  const title = lastGood ? "Changed since it last ran well" : "Not committed";
  return h("section", {}, heading("Git"), h("dl", { class: "pairs" },
    h("dt", {}, "Head"), h("dd", {}, h("code", {}, short(head)), branch ? ` on ${branch}` : " (detached)"),
    ...(lastGood ? [h("dt", {}, "Last ran well"), h("dd", {}, h("code", {}, short(lastGood.head)), ` ${ago(lastGood.at)}`)] : []),
    h("dt", {}, title), h("dd", {}, changed.length
      ? h("ul", { class: "mono" }, changed.map((file) => h("li", {}, file)), more > 0 && h("li", { class: "dim" }, `and ${more} more`))
      : h("span", { class: "dim" }, "nothing"))));
}

// Its patch

const patchTitles = {
  waiting: "Waits for autofix", skipped: "Left out by autofix",
  working: "Autofix is working", staged: "Patch waits", refused: "Patch refused", failed: "Autofix failed", applying: "Applying",
  applied: "Patch applied", reverted: "Patch reverted", discarded: "Patch discarded",
};
const patchTones = { waiting: "busy", working: "busy", applying: "busy", staged: "good", applied: "good", refused: "bad", failed: "bad", reverted: "bad" };

function makePatch(current) {
  const said = h("p", {});
  const diff = h("pre", { class: "body mono diff", tabindex: "0", role: "region", "aria-label": "Patch", hidden: true });
  const decide = (verb, done) => (event) => whileBusy(event.currentTarget, async () => {
    const answer = await change(() => post(`${pathOf(current())}/${verb}`));
    if (!answer) return;
    if (answer.id) store.takeCrash(answer);
    tell(answer.patch?.sentence ?? done, { isProblem: answer.patch?.state === "reverted" });
  })();
  const apply = button("check", "Apply", decide("apply", "The patch is applied."), { kind: "main" });
  const discard = button("trash", "Discard", decide("discard", "The patch is discarded."));
  const view = button("eye", "Show the patch", () => load());
  const actions = h("div", { class: "actions" }, apply, discard, view);
  const node = h("section", { class: "patch", hidden: true }, said, diff, actions);
  let loaded = null;
  let shown = false;

  async function load() {
    const { id, patch } = current();
    loaded = `${id} ${patch?.at}`;
    try {
      const answer = await get(`${pathOf(current())}/patch`);
      diff.replaceChildren(...diffLines(answer.patch));
      shown = true;
      setHidden(view, true);
    } catch (error) {
      diff.replaceChildren(error.message);
    }
    setHidden(diff, false);
  }

  return {
    node,
    update(isOpen) {
      const { id, patch } = current();
      setHidden(node, !patch);
      if (!patch) return;
      setSentence(said, patch.sentence);
      const waits = patch.state === "staged";
      setHidden(apply, !waits);
      setHidden(discard, !waits);
      const isOther = loaded !== null && loaded !== `${id} ${patch.at}`;
      if (isOther && shown && patch.bytes) load();
      setHidden(view, !patch.bytes || shown);
      setText(view.lastElementChild, patch.files?.length ? `Show the patch of ${count(patch.files.length, "file")}, ${bytes(patch.bytes)}` : "Show the patch");
      if (isOpen && waits && loaded === null) load();
    },
  };
}

/** The lines of a diff, each by its kind. */
export function diffLines(text) {
  // A line of a file may begin as the head of a diff does.
  let isHead = true;
  return text.replace(/\n$/, "").split("\n").map((line) => {
    if (line.startsWith("diff ")) isHead = true;
    else if (line.startsWith("@@")) isHead = false;
    const kind = isHead ? "meta" : kinds[line[0]] ?? "";
    return h("span", { class: `diff-line ${kind}` }, line || " ");
  });
}

const kinds = { "@": "hunk", "+": "added", "-": "removed" };
