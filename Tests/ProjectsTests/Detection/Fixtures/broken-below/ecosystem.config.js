const PORTS = { API: 5570 };
module.exports = { apps: [{ name: 'a', script: 'a.js', env: { PORT: PORTS.API } }] };
function broken( {
