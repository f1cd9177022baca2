module.exports = { apps: [
  { name: 'a', script: 'a.js', env: { PORT: 5570 } },
  process.env.WITH_UI && { name: 'a-ui', script: 'b.js', env: { PORT: 5571 } },
  ...(process.env.WITH_WS ? [{ name: 'ws', script: 'c.js' }] : []),
].filter(Boolean) };
