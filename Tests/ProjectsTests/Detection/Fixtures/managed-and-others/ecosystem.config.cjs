module.exports = {
  apps: [{ name: 'shop', script: 'server.js', env: { PORT: 21510 } }],
};
