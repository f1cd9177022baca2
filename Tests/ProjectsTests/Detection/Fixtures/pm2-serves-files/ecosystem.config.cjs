module.exports = { apps: [
  { name: 'docs', script: 'serve', env: { PM2_SERVE_PATH: 'dist', PM2_SERVE_PORT: 6700 } },
] };
