const PORTS = {
  // The REST API,
  // and the pages.
  API: 5570,

  UI: 5571, /* Vite */ WS: 5572, // sockets
};
module.exports = { apps: [{ name: 'a', script: 'a.js', ports: { api: PORTS.API, ui: PORTS.UI, ws: PORTS.WS } }] };
