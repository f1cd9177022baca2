module.exports = { apps: [
  { name: 'live', script: 'a.js', env: { PORT: 5570 } },
  // { name: 'dead', script: 'b.js', env: { PORT: 5571 } },
  /*
  { name: 'dead-too', script: 'c.js', env: { PORT: 5572 } },
  */
] };
