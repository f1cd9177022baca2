module.exports = { apps: [
  { name: 'shop-api', script: 'api.js', env: { PORT: 5570 } },
  { name: 'shop-ui', script: 'next', args: 'dev', env: { PORT: 5571 } },
  { name: 'shop-client', script: 'client.js', env: { PORT: 5572 } },
] };
