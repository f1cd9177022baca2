const TRANSPORT_DELAY = 5173;
const PORT = 5173;
module.exports = { apps: [{ name: 'a', script: 'a.js', watch_delay: 5173, env: { PORT, DELAY: TRANSPORT_DELAY } }] };
