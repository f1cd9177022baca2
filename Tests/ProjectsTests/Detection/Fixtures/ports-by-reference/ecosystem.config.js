const PORTS = { API: 5570, UI: 5571 };
module.exports = { apps: [{ name: 'a', script: 'a.js', ports: { api: PORTS.API, ui: PORTS['UI'] }, env: { PORT: 9999 } }] };
