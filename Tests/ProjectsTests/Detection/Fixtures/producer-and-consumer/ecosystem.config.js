const PORTS = { API: 5570, IPC: 5571 };
module.exports = { apps: [
  { name: 'feed', script: 'feed.js', env: { COINBASE_IPC_PORT: PORTS.IPC } },
  { name: 'trader', script: 'trader.js', env: { PORT: PORTS.API, COINBASE_IPC_PORT: PORTS.IPC } },
] };
