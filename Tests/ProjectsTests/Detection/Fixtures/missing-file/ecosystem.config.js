const { PORTS } = require('./ports');
module.exports = { apps: [{ name: 'a', script: 'a.js', env: { PORT: PORTS.API } }] };
