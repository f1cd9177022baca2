// Health: what `doctor` finds, with the command that repairs it; who can reach what; certificates;
// versions.

import { getIfThere } from "../lib/api.js";
import { h, keyed, link, setHidden, setText } from "../lib/dom.js";
import { count, date, daysUntil, span } from "../lib/format.js";
import { icon, setIcon } from "../lib/icons.js";
import { shortURL } from "../lib/model.js";
import { qrCode } from "../lib/qr.js";
import { store } from "../lib/store.js";
import { button, command, openDialog, sentence, setSentence, whileBusy } from "../lib/ui.js";

const icons = { ok: "check", warn: "warning", fail: "close", info: "info" };
const ranks = { fail: 0, warn: 1, info: 2, ok: 3 };

export const healthView = {
  id: "health",
  title: "Health",

  make(root) {
    let report;
    let readAt = 0;
    const verdict = h("p", { class: "verdict" }, icon("check"), h("span", {}));
    const again = button("restart", "Examine again", (event) => whileBusy(event.currentTarget, examine)());
    const findings = h("ul", { class: "findings" });
    const fine = h("details", { class: "fine" }, h("summary", {}), h("ul", { class: "findings" }));
    const exposure = h("div", {});
    const certificates = h("dl", { class: "pairs" });
    const versions = h("dl", { class: "pairs" });
    root.append(
      h("div", { class: "bar" }, h("h1", {}, "Health"), h("span", { class: "gap" }), again),
      verdict,
      h("div", { class: "health-grid" },
        h("section", { class: "panel wide" }, h("h2", {}, "Findings"), findings, fine),
        h("section", { class: "panel" }, h("h2", {}, "Who can reach it"), exposure),
        h("section", { class: "panel" }, h("h2", {}, "Certificates"), certificates),
        h("section", { class: "panel" }, h("h2", {}, "Server and version"), versions)));

    const key = (finding) => `${finding.status} ${finding.text}`;
    const showFindings = keyed(findings, key, makeFinding);
    const showFine = keyed(fine.lastElementChild, key, makeFinding);

    async function examine() {
      try {
        report = (await getIfThere("/api/doctor")) ?? { findings: null };
        readAt = Date.now();
      } catch (error) {
        report = { findings: [{ status: "warn", text: "The machine can't be examined.", hint: error.message }] };
      }
      show();
    }

    function show() {
      showVerdict();
      showExposure();
      showCertificates();
      showVersions();
    }

    function showVerdict() {
      const list = report?.findings;
      const failures = list?.filter((finding) => finding.status === "fail").length ?? 0;
      const warnings = list?.filter((finding) => finding.status === "warn").length ?? 0;
      verdict.dataset.tone = failures ? "bad" : warnings ? "busy" : "good";
      setIcon(verdict.querySelector("svg"), failures || warnings ? "warning" : "check");
      setSentence(verdict.lastElementChild, !report ? "Examining…"
        : !list ? "This server can't examine the machine. `portless doctor` in a terminal does."
          : failures ? `${count(failures, "thing is", "things are")} broken${warnings ? `, and ${count(warnings, "warning")}` : ""}.`
            : warnings ? `Everything works, with ${count(warnings, "warning")}.` : "Everything is well.");
      const sorted = [...(list ?? [])].sort((a, b) => ranks[a.status] - ranks[b.status]);
      const good = sorted.filter((finding) => finding.status === "ok");
      showFindings(sorted.filter((finding) => finding.status !== "ok"));
      showFine(good);
      setHidden(fine, !good.length);
      setText(fine.firstElementChild, `${count(good.length, "check")} passed`);
    }

    function showExposure() {
      const now = store.exposure;
      if (!now) return;
      const items = now.items ?? [{
        level: now.bind.audience === "loopback-only" ? "loopback" : "lan",
        text: `The server listens on ${now.bind.host}:${now.bind.port}, by ${now.scheme.toUpperCase()}.`,
      }];
      exposure.replaceChildren(
        ...(items.length ? [] : [h("p", { class: "dim" }, "Only this computer.")]),
        h("ul", { class: "exposures" }, items.map((item) => h("li", { "data-level": item.level },
          icon(item.level === "loopback" ? "lock" : item.level === "lan" ? "wifi" : "globe"), h("span", {}, item.text),
          item.url && link(shortURL(item.url), item.url, { class: "url" }),
          item.url && button("qr", `QR code of ${item.url}`, () => openDialog("Open it on another device", [qrCode(item.url), h("p", { class: "qr-url" }, shortURL(item.url))], { kind: "qr-dialog" }), { isQuiet: true })))),
        ...now.warnings.map((warning) => h("p", { class: "warning-text" }, icon("warning"), h("span", {}, sentence(warning)))));
    }

    function showCertificates() {
      const server = store.exposure?.cert;
      const authority = report?.authority;
      const isTrusted = authority?.stores.some((place) => place.trusted);
      certificates.replaceChildren(
        ...(authority ? pair("Authority", isTrusted ? "Trusted" : h("span", {}, "Not trusted yet. ", command("portless trust"))) : []),
        ...(authority?.expiresAt ? pair("Authority until", until(authority.expiresAt)) : []),
        ...(authority?.stores ?? []).flatMap((place) => pair(place.name, place.trusted ? "Trusted" : place.trusted === null ? "Unknown" : "Not trusted")),
        ...(server ? [...pair("Server's names", server.names.join(", ")), ...pair("Server's until", until(server.expiresAt)), ...pair("Issued by", server.mode)]
          : pair("Server", store.exposure?.httpsEnabled ? "HTTPS" : h("span", {}, "Plain HTTP on loopback. For HTTPS: ", command("portless server cert")))));
    }

    function showVersions() {
      const health = store.health;
      if (!health) return;
      const old = Object.entries(report?.running ?? {}).filter(([, version]) => version !== report.version);
      versions.replaceChildren(
        ...pair("Version", health.version),
        ...old.flatMap(([name, version]) => pair(name[0].toUpperCase() + name.slice(1), h("span", {}, `Still runs ${version}. `, command(`portless ${name === "proxy" ? "proxy restart" : "server stop && portless server start"}`)))),
        ...pair("Host", health.hostname),
        ...pair("PID", String(health.pid)),
        ...pair("Up for", span(health.uptime * 1000)),
        ...(report?.platform ? pair("Platform", report.platform) : []),
        ...(report?.stateDirectory ? pair("State", h("code", {}, report.stateDirectory)) : []));
    }

    store.on(["exposure", "health"], show);
    store.on(["reconnected"], () => !root.hidden && examine());
    return {
      show() {
        store.load("health");
        store.load("exposure");
        if (Date.now() - readAt > 15_000) examine();
      },
    };
  },
};

function makeFinding(first) {
  // A command is shown once, where it can be copied.
  const hint = first.fix && first.hint?.endsWith(first.fix) ? first.hint.slice(0, -first.fix.length).trim() : first.hint;
  return {
    node: h("li", { class: "finding", "data-status": first.status },
      icon(icons[first.status] ?? "info"),
      h("div", {}, h("p", {}, h("span", { class: "hidden-text" }, `${first.status}: `), sentence(first.text)),
        hint && h("p", { class: "dim" }, sentence(hint)),
        first.fix && command(first.fix))),
  };
}

const pair = (name, value) => [h("dt", {}, name), h("dd", {}, value)];

function until(text) {
  const days = daysUntil(text);
  return days === null ? text : days < 0 ? `Expired on ${date(text)}` : `${date(text)} (${count(days, "day")})`;
}
