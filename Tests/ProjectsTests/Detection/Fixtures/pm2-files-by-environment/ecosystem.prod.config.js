module.exports = { apps: [{ name: 'web', script: 's.js', env: { PORT: 80 } }] };
