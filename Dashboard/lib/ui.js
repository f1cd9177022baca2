// The page's small parts: buttons, messages, dialogs, copying, changes with their failures.

import { get, post } from "./api.js";
import { h, setText } from "./dom.js";
import { icon } from "./icons.js";
import { store } from "./store.js";

/** A button with an icon and a text; `isQuiet` shows its text to screen readers and as a title only. */
export function button(iconName, text, onClick, { isQuiet = false, kind = "", label = null } = {}) {
  return h("button", {
    type: "button", class: `button ${kind} ${isQuiet ? "quiet" : ""}`, onClick,
    "aria-label": label ?? (isQuiet ? text : null), title: isQuiet ? text : null,
  }, iconName && icon(iconName), !isQuiet && h("span", {}, text));
}

export function setButtonText(node, text, label = null) {
  const span = node.querySelector("span");
  if (span) setText(span, text);
  if (label && node.getAttribute("aria-label") !== label) {
    node.setAttribute("aria-label", label);
    node.title = label;
  }
}

let messages;

/** Tells something at the edge of the page, for a few seconds or until it is dismissed. */
export function tell(text, { isProblem = false } = {}) {
  messages ??= document.getElementById("messages");
  const node = h("div", { class: `message ${isProblem ? "bad" : ""}` },
    icon(isProblem ? "warning" : "check"), h("span", {}, sentence(text)),
    button("close", "Dismiss", () => node.remove(), { isQuiet: true }));
  // Above an open dialog: what was shown last lies on top.
  if (messages.matches(":popover-open")) messages.hidePopover();
  messages.showPopover();
  messages.append(node);
  while (messages.children.length > 4) messages.firstElementChild.remove();
  setTimeout(() => node.remove(), isProblem ? 12_000 : 3_500);
}

export async function copy(text, what = "Copied.") {
  try {
    await navigator.clipboard.writeText(text);
    tell(what);
  } catch {
    // Without permission, or on a plain address of the network.
    showText("Copy this", text);
  }
}

/** A dialog with a title; closes on Escape, by its button, or by a click beside it. */
export function openDialog(title, content, { actions = [], kind = "" } = {}) {
  const id = `dialog-${Math.random().toString(36).slice(2)}`;
  const dialog = h("dialog", { class: `dialog ${kind}`, "aria-labelledby": id },
    h("header", {}, h("h2", { id }, title), button("close", "Close", () => dialog.close(), { isQuiet: true })),
    h("div", { class: "dialog-content" }, content),
    actions.length ? h("footer", {}, actions) : null);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

function showText(title, text) {
  const area = h("textarea", { class: "input mono", rows: 6, readonly: true, "aria-label": title });
  area.value = text;
  openDialog(title, area);
  area.select();
}

/** Asks before something that can't be undone; true if the user agrees. */
export function confirmed(title, text, action) {
  return new Promise((done) => {
    let answer = false;
    const agree = button(null, action, () => { answer = true; dialog.close(); }, { kind: "danger" });
    const dialog = openDialog(title, h("p", {}, text), {
      actions: [button(null, "Cancel", () => dialog.close()), agree],
    });
    dialog.addEventListener("close", () => done(answer));
    agree.focus();
  });
}

export function command(text) {
  return h("span", { class: "command" }, h("code", {}, text),
    button("copy", `Copy ${text}`, () => copy(text), { isQuiet: true }));
}

/** A sentence in which what stands between backticks is code. */
export function sentence(text) {
  return String(text ?? "").split("`").map((part, index) => (index % 2 ? h("code", {}, part) : part));
}

export function setSentence(node, text) {
  if (node.dataset.text === String(text ?? "")) return;
  node.dataset.text = text ?? "";
  node.replaceChildren(...sentence(text));
}

/** How a browser that may only look is signed in. */
export function showSignIn() {
  if (document.querySelector("dialog.sign-in")) return;
  openDialog("Sign in to make changes", [
    h("p", {}, "This browser may look at everything, but not change anything. Run this in a terminal; its link signs this browser in:"),
    command("portless dashboard"),
  ], { kind: "sign-in" });
}

/** Does a change and tells of its failure; the answer, or null. */
export async function change(work, { done = null } = {}) {
  try {
    const answer = await work();
    const failed = Object.entries(answer?.results ?? {}).find(([, result]) => !result.success);
    if (failed) tell(`${failed[0]}: ${failed[1].error}`, { isProblem: true });
    else if (done) tell(done);
    return answer ?? {};
  } catch (error) {
    if (error.status === 401) {
      store.session = { signedIn: false };
      store.changed("session");
      showSignIn();
    } else {
      tell(error.message, { isProblem: true });
    }
    return null;
  }
}

/** Asks an app, or one process of it, to start, stop or restart. */
export function changeApp(app, verb, process = null) {
  return change(() => post(`/api/apps/${encodeURIComponent(app.id)}/${verb}`, process ? { process } : {}));
}

/** Runs a button's work once at a time. */
export function whileBusy(node, work) {
  return async () => {
    if (node.getAttribute("aria-busy") === "true") return;
    node.setAttribute("aria-busy", "true");
    try {
      await work();
    } finally {
      node.removeAttribute("aria-busy");
    }
  };
}

export function download(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** The last lines of a process, as texts. */
export async function lastLines(app, process, count) {
  const path = `/api/apps/${encodeURIComponent(app.id)}/logs?lines=${count * 4}&process=${encodeURIComponent(process)}`;
  return (await get(path)).entries.filter((entry) => entry.stream !== "note").slice(-count).map((entry) => entry.text);
}

/** A field that filters what is below it. */
export function searchField(label, onInput) {
  const input = h("input", {
    type: "search", class: "input search-input", placeholder: label, "aria-label": label,
    autocomplete: "off", spellcheck: "false", onInput: () => onInput(input.value),
  });
  return { node: h("span", { class: "search-field" }, icon("search"), input), input };
}

/** One of a few choices, as a row of buttons. */
export function choices(label, options, selected, onSelect) {
  const buttons = options.map(([value, text]) => h("button", {
    type: "button", class: "choice", "aria-pressed": String(value === selected), "data-value": value,
    onClick: () => {
      for (const node of buttons) node.setAttribute("aria-pressed", String(node.dataset.value === value));
      onSelect(value);
    },
  }, text));
  return h("span", { class: "choices", role: "group", "aria-label": label }, buttons);
}
