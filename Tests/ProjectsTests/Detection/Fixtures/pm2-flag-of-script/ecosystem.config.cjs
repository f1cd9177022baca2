module.exports = { apps: [
  { name: 'one', script: 'npm', args: 'start', env: { PORT: 4210 } },
] };
