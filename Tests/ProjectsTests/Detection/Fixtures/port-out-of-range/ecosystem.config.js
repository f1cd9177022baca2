module.exports = { apps: [{ name: 'a', script: 'a.js', env: {
  PORT: 99999,
  WS_PORT: 0,
  UI_PORT: -1,
  DEBUG_PORT: 92.5,
  ADMIN_PORT: '5565abc',
} }] };
