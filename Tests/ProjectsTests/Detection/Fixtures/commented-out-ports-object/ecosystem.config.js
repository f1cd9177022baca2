// const PORTS = { API: 1111 };
/* const PORTS = { API: 2222 }; */
const PORTS = { API: 5570 };
module.exports = { apps: [{ name: 'a', script: 'a.js', env: { PORT: PORTS.API } }] };
