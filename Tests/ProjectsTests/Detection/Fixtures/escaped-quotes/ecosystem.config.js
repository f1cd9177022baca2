module.exports = { apps: [
  { name: 'a', script: 'a.js', args: 'it\'s --x "\\"', env: { PORT: 5570 } },
  { name: "b", script: "b.js", args: "a \\", env: { PORT: 5571 } },
] };
