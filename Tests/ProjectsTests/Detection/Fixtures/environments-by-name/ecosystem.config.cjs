module.exports = { apps: [
  { name: 'one', script: 's.js', env: { PORT: 6000 }, env_production: { PORT: 6080 } },
  { name: 'two', script: 's.js', env_development: { PORT: 6002 }, env_production: { PORT: 6082 } },
  { name: 'three', script: 's.js', env: { PORT: 6003 }, env_production: { PORT: process.env.SOME } },
] };
