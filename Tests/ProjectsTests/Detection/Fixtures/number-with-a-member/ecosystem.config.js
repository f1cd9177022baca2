module.exports = { apps: [{ name: 'a', script: 'a.js', env: { PORT: 21612..toString() } }] };
