module.exports = { apps: [{
  name: 'a', script: 'a.js',
  env: { PORT: 5570, WS_PORT: 5571 },
  env_production: { PORT: 5580 },
  env_development: { PORT: 5575, WS_PORT: 5576 },
  env_staging: { PORT: 1234 },
}, {
  name: 'b', script: 'b.js',
  env: { PORT: 5590 },
  env_production: { PORT: process.env.SOME_PORT },
}, {
  name: 'c', script: 'c.js',
  env_production: { PORT: 5581 },
}] };
