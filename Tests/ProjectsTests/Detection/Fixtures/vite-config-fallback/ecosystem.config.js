module.exports = { apps: [
  { name: 'shop-api', script: 'server.js', env: { PORT: 5570 } },
  { name: 'shop-ui', script: 'npx', args: 'vite', cwd: './client' },
] };
