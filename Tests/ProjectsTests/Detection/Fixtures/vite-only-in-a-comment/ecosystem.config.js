module.exports = { apps: [
  { name: 'shop-api', script: 'api.js', env: { PORT: 5570 } },
  // This used to be vite.
  { name: 'shop-ui', script: 'serve.js', env: { PORT: 5571 /* no vite here */ } },
] };
