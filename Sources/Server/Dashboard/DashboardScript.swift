/// The dashboard's script; it inserts all data as text, never as markup.
enum DashboardScript {
    static let text = #"""
        const byId = (id) => document.getElementById(id);

        function element(tag, properties = {}, ...children) {
          const node = Object.assign(document.createElement(tag), properties);
          node.append(...children);
          return node;
        }

        function table(header, rows) {
          return element("table", {},
            element("tr", {}, ...header.map((text) => element("th", { textContent: text }))),
            ...rows.map((cells) => element("tr", {}, ...cells.map((cell) =>
              cell instanceof Node ? element("td", {}, cell)
                : element("td", { textContent: cell ?? "", className: "num" })))));
        }

        function link(url, text) {
          const isWeb = /^https?:\/\//.test(url);
          return isWeb ? element("a", { href: url, textContent: text, target: "_blank", rel: "noopener" })
            : element("span", { textContent: text });
        }

        function tell(problem) {
          byId("problem").textContent = problem ?? "";
          byId("problem").hidden = !problem;
        }

        async function get(path) {
          const answer = await fetch(path);
          const body = await answer.json();
          if (!answer.ok) throw new Error(body.detail);
          return body;
        }

        async function change(path) {
          const answer = await fetch(path, {
            method: "POST", headers: { "content-type": "application/json" }, body: "{}",
          });
          const body = await answer.json();
          if (answer.status === 401) {
            tell("Run `portless dashboard` in a terminal: its link lets this browser make changes.");
          } else if (!answer.ok) {
            tell(body.detail);
          } else {
            const failed = Object.entries(body.results ?? {}).find(([, result]) => !result.success);
            tell(failed ? `${failed[0]}: ${failed[1].error}` : null);
          }
          refresh();
        }

        const openLogs = new Map();

        async function toggleLogs(id) {
          if (openLogs.has(id)) openLogs.delete(id);
          else {
            const logs = await get(`/api/apps/${encodeURIComponent(id)}/logs?lines=100`);
            openLogs.set(id, logs.logs || "Nothing was written yet.");
          }
          refresh();
        }

        function mebibytes(bytes) {
          return bytes ? `${Math.round(bytes / 1048576)} MiB` : "";
        }

        function processRow(app, process) {
          const status = app.pm2Status[process.name] ?? {};
          const ports = Object.entries(process.ports ?? {}).map(([label, port]) => `${label}:${port}`);
          return [process.name, (status.status ?? "").replace("_", " "),
            ports.join(" ") || process.port || "", status.pid ?? "",
            status.cpu ? `${status.cpu.toFixed(1)} %` : "", mebibytes(status.memory)];
        }

        function card(app) {
          const id = encodeURIComponent(app.id);
          const button = (text, action) => element("button", { textContent: text, onclick: action });
          const actions = app.supervised ? [
            app.supervised.processes.some((p) => p.pid)
              ? button("Stop", () => change(`/api/apps/${id}/stop`))
              : button("Start", () => change(`/api/apps/${id}/start`)),
            button("Restart", () => change(`/api/apps/${id}/restart`)),
            button(openLogs.has(app.id) ? "Hide logs" : "Logs", () =>
              toggleLogs(app.id).catch((error) => tell(error.message))),
          ] : [];
          const urls = [...new Set((app.supervised?.processes ?? []).flatMap((p) => p.urls))];
          const problems = [app.supervised?.problem,
            ...(app.supervised?.processes ?? []).map((p) => p.reason && `${p.name}: ${p.reason}`),
          ].filter(Boolean);
          return element("article", {},
            element("div", {},
              element("span", { className: `dot ${app.overallStatus}` }),
              element("strong", { textContent: app.name }),
              element("span", { className: "state", textContent: app.overallStatus.replace("_", " ") }),
              ...urls.map((url) => link(url, url.replace(/^https?:\/\//, ""))),
              element("span", { className: "actions" }, ...actions)),
            ...problems.map((text) => element("div", { className: "problem", textContent: text })),
            table(["Process", "State", "Ports", "PID", "CPU", "Memory"],
              (app.supervised?.processes ?? app.processes).map((process) => processRow(app, process))),
            ...(openLogs.has(app.id) ? [element("pre", { textContent: openLogs.get(app.id) })] : []));
        }

        // What runs is never out of sight.
        const isAside = (app) =>
          app.archived === true && !app.supervised?.processes.some((p) => p.pid);

        function showArchived(apps) {
          const [summary, list] = byId("archived").children;
          byId("archived").hidden = !apps.length;
          summary.textContent = `Archived (${apps.length})`;
          list.replaceChildren(...apps.map(card));
        }

        let isBusy = false;
        let isStale = false;

        async function refresh() {
          if (isBusy) { isStale = true; return; }
          isBusy = true;
          try {
            const [apps, routes, ports] = await Promise.all(
              [get("/api/apps"), get("/api/routes"), get("/api/ports")]);
            const current = apps.filter((app) => !isAside(app));
            byId("apps").replaceChildren(...(apps.length ? current.map(card) : [element("p",
              { className: "note", textContent: "No app yet. `portless up` in a project's folder starts its processes." })]));
            showArchived(apps.filter(isAside));
            byId("routes").replaceChildren(routes.length
              ? table(["Name", "Port", "PID"], routes.map((route) =>
                [link(route.url, route.hostname), route.port, route.pid ?? "alias"]))
              : element("p", { className: "note", textContent: "No name leads anywhere." }));
            byId("ports").replaceChildren(ports.ports.length
              ? table(["App", "Label", "Port", "State"], ports.ports.map((row) =>
                [row.app, row.label, row.port, row.state]))
              : element("p", { className: "note", textContent: "No app has a port." }));
          } catch (error) {
            tell(error.message);
          }
          isBusy = false;
          if (isStale) { isStale = false; refresh(); }
        }

        let timer;
        function refreshSoon() {
          clearTimeout(timer);
          timer = setTimeout(refresh, 100);
        }

        byId("where").textContent = location.host;
        const events = new EventSource("/api/events");
        for (const name of ["connected", "app", "process", "removed", "routes", "ports", "apps", "resync"]) {
          events.addEventListener(name, refreshSoon);
        }
        events.onopen = () => { byId("live").textContent = "live"; tell(null); };
        events.onerror = () => { byId("live").textContent = "reconnecting…"; };
        refresh();

        """#
}
