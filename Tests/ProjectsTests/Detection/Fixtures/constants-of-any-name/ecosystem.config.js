const BASE = 5570;
const OFFSET = 0x1;
const API = BASE + OFFSET, LISTEN = API + 1;
module.exports = { apps: [{ name: 'a', script: 'a.js', env: { PORT: API, WS_PORT: LISTEN, ADMIN_PORT: BASE + 2 * 4 } }] };
