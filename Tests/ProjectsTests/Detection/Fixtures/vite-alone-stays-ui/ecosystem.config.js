module.exports = { apps: [{ name: 'shop-ui', script: 'npx', args: ['vite', '--host'], env: { VITE_PORT: 5571, PORT: 5572 } }] };
