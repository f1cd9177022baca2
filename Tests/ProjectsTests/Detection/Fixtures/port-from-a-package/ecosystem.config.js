const getPort = require('get-port');
module.exports = async () => ({ apps: [{ name: 'a', script: 'a.js', env: { PORT: await getPort() } }] });
