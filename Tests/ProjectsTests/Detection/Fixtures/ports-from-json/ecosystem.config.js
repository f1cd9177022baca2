const { ports } = require('./config/ports.json');
module.exports = { apps: [{ name: 'a', script: 'a.js', env: { PORT: ports.api, WS_PORT: ports.ws } }] };
