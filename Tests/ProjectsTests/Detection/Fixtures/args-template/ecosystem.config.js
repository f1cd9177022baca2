const PORTS = { UI: 5571 };
module.exports = { apps: [{ name: 'a-ui', script: 'npx', args: `vite --host 0.0.0.0 --port ${PORTS.UI}` }] };
