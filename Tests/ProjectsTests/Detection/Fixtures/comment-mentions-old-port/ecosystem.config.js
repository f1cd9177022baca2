module.exports = { apps: [{ name: 'a', script: 'a.js', env: {
  PORT: 5570, // was PORT: 5173
  /* WS_PORT: 9999, */
} }] };
