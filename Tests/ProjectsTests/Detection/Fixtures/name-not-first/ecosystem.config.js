module.exports = { apps: [
  { script: 'a.js', env: { PORT: 5570 }, name: 'first' },
  { "name": "second", script: 'a.js', env: { PORT: 5571 } },
  { name: `third`, script: 'a.js', env: { PORT: 5572 } },
  { script: './src/fourth.js', env: { PORT: 5573 } },
] };
