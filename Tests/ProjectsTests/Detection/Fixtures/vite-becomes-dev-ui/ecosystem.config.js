module.exports = { apps: [
  { name: 'shop-server', script: 'server.js', env: { PORT: 5570 } },
  { name: 'shop-ui', script: 'npx', args: 'vite --host', env: { PORT: 5571 } },
] };
