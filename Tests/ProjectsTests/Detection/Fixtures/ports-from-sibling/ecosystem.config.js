const { PORTS } = require('./server/lib/ports');
const path = require('path');
module.exports = { apps: [{ name: 'a', cwd: path.resolve(__dirname, 'server'), script: 'a.js', env: { PORT: PORTS.API } }] };
