const PORTS = { API: 5570 };
module.exports = { apps: [{ name: 'a', script: 'a.js', env: { PORT: PORTS.APPI, WS_PORT: PORTS.API } }] };
