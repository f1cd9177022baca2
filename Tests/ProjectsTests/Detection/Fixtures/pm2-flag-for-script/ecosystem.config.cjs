module.exports = { apps: [
  { name: 'one', script: 'npm', args: 'start -- -p 4212', env: { PORT: 4210 } },
] };
