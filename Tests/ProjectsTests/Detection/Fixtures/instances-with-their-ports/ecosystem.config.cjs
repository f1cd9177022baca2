module.exports = { apps: [
  { name: 'web', script: 's.js', instances: 2, increment_var: 'PORT', env: { PORT: 6541, OTHER_PORT: 6600 } },
  { name: 'all', script: 's.js', instances: 'max', increment_var: 'PORT', env: { PORT: 6551 } },
  { name: 'same', script: 's.js', instances: 3, env: { PORT: 6561 } },
] };
