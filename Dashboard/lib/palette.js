// Ctrl-K: finds views, apps, processes, ports and actions, and opens or does them.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { isUp, mainURL, shortURL } from "./model.js";
import { store } from "./store.js";
import { changeApp, copy } from "./ui.js";

const most = 40;

function go(...parts) {
  location.hash = `#/${parts.map(encodeURIComponent).join("/")}`;
}

function entries() {
  const all = [
    ["apps", "Apps"], ["logs", "Logs"], ["ports", "Ports"], ["traffic", "Traffic"], ["health", "Health"], ["crashes", "Crashes"],
    ["jobs", "Jobs"], ["browser", "Browser"],
  ].map(([id, text]) => ({ icon: id, text, kind: "View", run: () => go(id) }));
  for (const app of store.apps ?? []) {
    const url = mainURL(app);
    all.push({ icon: "apps", text: app.name, note: url ? shortURL(url) : app.folder, kind: "App", run: () => go("apps", app.key) });
    if (url) {
      all.push({ icon: "open", text: `Open ${app.name}`, note: shortURL(url), kind: "Action", run: () => open(url, "_blank", "noopener") });
      all.push({ icon: "copy", text: `Copy the URL of ${app.name}`, note: shortURL(url), kind: "Action", run: () => copy(url) });
    }
    if (!app.isSupervised) continue;
    all.push({ icon: "logs", text: `Logs of ${app.name}`, kind: "Action", run: () => go("logs", app.key) });
    const verbs = app.processes.some(isUp) ? ["restart", "stop"] : ["start"];
    for (const verb of verbs) {
      all.push({ icon: verb === "start" ? "play" : verb, text: `${capitalised(verb)} ${app.name}`, kind: "Action", run: () => changeApp(app, verb) });
    }
    for (const process of app.processes) {
      all.push({ icon: "terminal", text: `${app.name} ${process.name}`, note: process.state.replace("_", " "), kind: "Process", run: () => go("logs", app.key, process.name) });
      for (const verb of isUp(process) ? ["restart", "stop"] : ["start"]) {
        all.push({ icon: verb === "start" ? "play" : verb, text: `${capitalised(verb)} ${app.name} ${process.name}`, kind: "Action", run: () => changeApp(app, verb, process.name) });
      }
      for (const { label, port } of process.ports) {
        all.push({ icon: "ports", text: String(port), note: `${label} of ${app.name}`, kind: "Port", run: () => go("ports", port) });
      }
    }
  }
  all.push(
    { icon: "sun", text: "Switch between light and dark", kind: "Action", run: () => document.dispatchEvent(new Event("portless:theme")) },
    { icon: "keyboard", text: "Keyboard shortcuts", kind: "Action", run: () => setTimeout(() => document.dispatchEvent(new Event("portless:shortcuts"))) },
  );
  return all;
}

const capitalised = (word) => word[0].toUpperCase() + word.slice(1);

/** How well a text fits: words from the beginning first, then anywhere; 0 if one is missing. */
function score(entry, words) {
  const text = `${entry.text} ${entry.note ?? ""} ${entry.kind}`.toLowerCase();
  let total = entry.text.toLowerCase() === words.join(" ") ? 10 : 1;
  for (const word of words) {
    const index = text.indexOf(word);
    if (index < 0) return 0;
    total += index === 0 ? 4 : /[\s.:/-]/.test(text[index - 1]) ? 2 : 1;
    // What it is called says more than what stands beside it.
    if (index < entry.text.length) total += 1;
  }
  return total - entry.text.length / 1000;
}

export function openPalette() {
  if (document.querySelector("dialog[open]")) return;
  const all = entries();
  const list = h("ul", { id: "palette-list", role: "listbox", "aria-label": "Results" });
  const input = h("input", {
    type: "text", class: "palette-input", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list",
    "aria-label": "Find apps, ports, processes and actions", placeholder: "Find apps, ports, processes and actions",
    autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list",
  });
  const dialog = h("dialog", { class: "palette", "aria-label": "Find and run" },
    h("div", { class: "palette-field" }, icon("search"), input), list);
  let found = [];
  let chosen = 0;

  const choose = (index) => {
    chosen = Math.max(0, Math.min(index, found.length - 1));
    [...list.children].forEach((node, at) => node.setAttribute("aria-selected", String(at === chosen)));
    const node = list.children[chosen];
    input.setAttribute("aria-activedescendant", node?.id ?? "");
    node?.scrollIntoView({ block: "nearest" });
  };
  const run = (entry) => {
    dialog.close();
    entry?.run();
  };
  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = all.map((entry) => ({ entry, score: score(entry, words) })).filter(({ score }) => score > 0);
    if (words.length) found.sort((a, b) => b.score - a.score);
    found = found.slice(0, most).map(({ entry }) => entry);
    list.replaceChildren(...found.map((entry, index) => h("li", {
      role: "option", id: `palette-${index}`, onClick: () => run(entry), onMousemove: () => chosen !== index && choose(index),
    }, icon(entry.icon), h("span", { class: "palette-text" }, entry.text), entry.note && h("span", { class: "palette-note" }, entry.note), h("span", { class: "palette-kind" }, entry.kind))));
    if (!found.length) list.replaceChildren(h("li", { class: "palette-none", role: "option", "aria-selected": "false" }, "Nothing is called that."));
    choose(0);
  };
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    if (steps[event.key]) choose(chosen + steps[event.key]);
    else if (event.key === "Enter") run(found[chosen]);
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  show();
  input.focus();
}
