module.exports = { apps: [
  { name: 'web', script: 'npm', args: 'run dev', cwd: 'web' },
  { name: 'api', script: 'npm run start:api', cwd: __dirname },
  { name: 'worker', script: 'npm', args: ['run', 'worker'] },
] };
