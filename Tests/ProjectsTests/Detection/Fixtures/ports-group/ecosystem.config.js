const PORTS = {
  browser: { cdp: 5556, health: 5557 },
  server: { api: 5555 },
};
module.exports = { apps: [
  { name: 'p-browser', script: 'b.js', ports: PORTS.browser },
  { name: 'p-server', script: 's.js', ports: PORTS.server, env: { PORT: PORTS.server.api } },
] };
