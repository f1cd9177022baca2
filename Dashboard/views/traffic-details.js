// One request: timing, headers, bodies, WebSocket messages; replaying it, and copying it as curl.

import { get, post } from "../lib/api.js";
import { h, setHidden, setText } from "../lib/dom.js";
import { bytes, clock, milliseconds } from "../lib/format.js";
import { button, change, copy, openDialog, tell, whileBusy } from "../lib/ui.js";

/** Shown of a body; the whole can be copied. */
const longest = 64 * 1024;

export function makeDetails({ onClose, isInspecting, setInspecting }) {
  const title = h("h2", {});
  const facts = h("dl", { class: "pairs" });
  const timing = h("div", { class: "timing" });
  const failure = h("p", { class: "problem", hidden: true });
  const content = h("div", { class: "details-content" });
  const replay = button("restart", "Replay", (event) => whileBusy(event.currentTarget, () => runReplay({}))());
  const edit = button("edit", "Edit and replay", () => openEditor());
  const curl = button("copy", "Copy as curl", () => copy(asCurl(record, full), "The curl command is copied."));
  const reveal = button("eye", "Show secrets", (event) => whileBusy(event.currentTarget, async () => {
    const answer = await change(() => post(`/api/traffic/${record.id}/reveal`));
    if (answer?.request || answer?.response) {
      full = answer;
      isRevealed = true;
      showContent();
    }
  })());
  const node = h("aside", { class: "details", hidden: true, tabindex: "-1", "aria-label": "Request" },
    h("header", {}, title, button("close", "Close", onClose, { isQuiet: true })),
    h("div", { class: "actions" }, replay, edit, curl, reveal),
    h("div", { class: "details-body", tabindex: "0", role: "region", "aria-label": "Request details" }, failure, facts, timing, content));
  node.addEventListener("keydown", (event) => event.key === "Escape" && onClose());

  let record = null;
  let full = null;
  let isRevealed = false;

  function show(next, { isNew = false } = {}) {
    const isOther = next?.id !== record?.id;
    if (isOther || isNew) {
      full = null;
      isRevealed = false;
      content.replaceChildren();
    }
    const hadEnded = record && !isOther && isEnded(record);
    record = next;
    setHidden(node, !record);
    if (!record) return;
    showSummary();
    if (!full || !hadEnded) load();
  }

  const isEnded = (record) => record.state === "done" || record.state === "failed";

  async function load() {
    const { id } = record;
    try {
      const answer = await get(`/api/traffic/${id}`);
      if (record?.id !== id || isRevealed) return;
      full = answer;
    } catch (error) {
      if (record?.id !== id) return;
      full = { error: error.message };
    }
    showContent();
  }

  function showSummary() {
    setText(title, `${record.method} ${record.path}`);
    setHidden(failure, !record.failure);
    setText(failure, record.failure);
    facts.replaceChildren(...[
      ["Status", record.status ?? record.state], ["URL", record.host ? `${record.scheme}://${record.host}${record.path}` : record.path],
      ["At", clock(new Date(record.at))], ["Protocol", `${record.protocol}${record.scheme === "https" ? ", encrypted" : ""}`],
      ["Answered by", record.upstream], ["Type", record.type], ["Sent", bytes(record.requestBytes)], ["Received", bytes(record.responseBytes)],
    ].filter(([, value]) => value !== undefined && value !== "").flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, String(value))]));
    showTiming();
  }

  function showTiming() {
    const { firstByteMs, totalMs } = record;
    setHidden(timing, firstByteMs === undefined && totalMs === undefined);
    if (firstByteMs === undefined && totalMs === undefined) return;
    const all = Math.max(totalMs ?? firstByteMs, 0.001);
    const waiting = Math.min(100, ((firstByteMs ?? all) / all) * 100);
    const bars = [["wait", 0, waiting, "Waiting for the app", firstByteMs ?? totalMs]];
    if (firstByteMs !== undefined && totalMs !== undefined) bars.push(["receive", waiting, 100 - waiting, "Receiving", totalMs - firstByteMs]);
    timing.replaceChildren(...bars.map(([kind, left, width, text, time]) => {
      const bar = h("span", { class: `bar-piece ${kind}` });
      bar.style.marginLeft = `${left}%`;
      bar.style.width = `${Math.max(width, 0.5)}%`;
      return h("div", { class: "timing-row" }, h("span", {}, text), h("span", { class: "track" }, bar), h("span", { class: "number" }, milliseconds(time)));
    }));
  }

  function showContent() {
    if (!record) return;
    const hasParts = full?.request || full?.response;
    setHidden(reveal, !hasParts || isRevealed);
    if (full?.error) {
      content.replaceChildren(h("p", { class: "dim" }, full.error));
    } else if (!hasParts) {
      content.replaceChildren(h("div", { class: "hint" },
        h("p", {}, !record.host ? "The request named no host, and so had no app to go to." : isInspecting(record) ? `${record.host} is inspected: later requests show their headers and bodies.`
          : "Only its metadata was recorded. While a name is inspected, headers and the first 64 KiB of bodies are kept, too."),
        isInspecting(record) || !record.host ? null : button("eye", `Inspect ${record.host}`, (event) => whileBusy(event.currentTarget, () => setInspecting(record.host, true))())));
    } else {
      content.replaceChildren(...part("Request", full.request), ...part("Response", full.response), ...messages(full.messages));
    }
  }

  function part(name, part) {
    if (!part) return [];
    return [
      h("h3", {}, `${name} headers`),
      part.headers?.length ? h("table", { class: "headers" }, h("tbody", {}, part.headers.map(([key, value]) =>
        h("tr", {}, h("th", { scope: "row" }, key), h("td", { class: value === "•••" ? "masked" : "" }, value))))) : h("p", { class: "dim" }, "None."),
      ...bodyOf(name, part),
    ];
  }

  function bodyOf(name, part) {
    const { body, bodyTruncated } = part.unpacked ?? part;
    if (!body || (body.text === "" || body.base64 === "")) return [];
    const text = body.text ?? null;
    const notes = [bodyTruncated && "the beginning", part.unpacked && "unpacked"].filter(Boolean).join(", ");
    const shown = text === null ? sizeOf(body) : pretty(text, part).slice(0, longest);
    return [
      h("h3", {}, `${name} body`, h("span", { class: "dim" }, notes),
        button("copy", `Copy the ${name.toLowerCase()} body`, () => copy(text ?? body.base64), { isQuiet: true })),
      h("pre", { class: "body mono", tabindex: "0", role: "region", "aria-label": `${name} body` }, shown),
    ];
  }

  function pretty(text, part) {
    const type = part.headers?.find(([key]) => key.toLowerCase() === "content-type")?.[1] ?? "";
    if (!type.includes("json") || text.length > longest) return text;
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  }

  function messages(list) {
    if (!list?.length) return [];
    return [h("h3", {}, "Messages"), h("ul", { class: "messages" }, list.map((message) =>
      h("li", { "data-direction": message.direction },
        h("span", { class: "direction" }, message.direction === "sent" ? "↑ sent" : "↓ received"),
        h("span", { class: "number" }, milliseconds(message.atMs)), h("span", { class: "number" }, bytes(message.size)),
        h("span", { class: "message-text mono" }, message.text ?? message.kind))))];
  }

  async function runReplay(changes) {
    const answer = await change(() => post(`/api/traffic/${record.id}/replay`, changes));
    if (!answer) return null;
    tell(`Replayed: ${answer.status}${answer.totalMs === undefined ? "" : ` in ${milliseconds(answer.totalMs)}`}.`);
    return answer;
  }

  function openEditor() {
    const method = h("input", { class: "input mono", id: "edit-method" });
    method.value = record.method;
    const path = h("input", { class: "input mono", id: "edit-path" });
    path.value = record.path;
    const headers = h("textarea", { class: "input mono", id: "edit-headers", rows: 7, spellcheck: "false" });
    headers.value = (full?.request?.headers ?? []).map(([key, value]) => `${key}: ${value}`).join("\n");
    const body = h("textarea", { class: "input mono", id: "edit-body", rows: 6, spellcheck: "false" });
    body.value = full?.request?.body?.text ?? "";
    const result = h("div", { class: "replay-result", role: "status" });
    const run = button("play", "Send", (event) => whileBusy(event.currentTarget, async () => {
      const changes = { method: method.value.trim(), path: path.value.trim() };
      if (full?.request || headers.value.trim()) changes.headers = headerLines(headers.value);
      if (full?.request || body.value) changes.body = { text: body.value };
      const answer = await runReplay(changes);
      if (!answer) return;
      const { body: answered } = answer.unpacked ?? answer;
      const text = answered?.text ?? (answered?.base64 ? sizeOf(answered) : "");
      result.replaceChildren(h("h3", {}, `Answer: ${answer.status}`), h("pre", { class: "body mono", tabindex: "0", role: "region", "aria-label": "Answer" }, text.slice(0, longest)));
    })(), { kind: "main" });
    openDialog("Edit and replay", [
      h("div", { class: "form" }, h("label", { for: "edit-method" }, "Method"), method, h("label", { for: "edit-path" }, "Path"), path,
        h("label", { for: "edit-headers" }, "Headers"), headers,
        h("p", { class: "dim" }, "••• stands for a secret, and is sent as it was recorded."),
        h("label", { for: "edit-body" }, "Body"), body),
      result,
    ], { actions: [run], kind: "wide-dialog" });
  }

  return { node, show, refresh: () => record && !full?.request && showContent(), focus: () => node.querySelector(".details-body").focus() };
}

const sizeOf = (body) => `${bytes(Math.floor(body.base64.length * 0.75))} that are no text`;

function headerLines(text) {
  return text.split("\n").map((line) => line.match(/^\s*(:?[^:\s]+)\s*:\s?(.*)$/)).filter(Boolean).map((match) => [match[1], match[2]]);
}

const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;

/** Headers that curl makes itself. */
const own = new Set(["host", "content-length", "connection", "accept-encoding", "transfer-encoding"]);

/** A command for a POSIX shell; every value from outside is quoted. */
export function asCurl(record, full) {
  const words = ["curl", "-i"];
  if (record.method !== "GET") words.push("-X", quoted(record.method));
  words.push(quoted(`${record.scheme}://${record.host}${record.path}`));
  for (const [key, value] of full?.request?.headers ?? []) {
    if (!own.has(key.toLowerCase()) && !key.startsWith(":")) words.push("\\\n  -H", quoted(`${key}: ${value}`));
  }
  const text = full?.request?.body?.text;
  if (text) words.push("\\\n  --data-raw", quoted(text));
  return words.join(" ");
}
