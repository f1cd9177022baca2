module.exports = {
  apps: [
    { name: 'pages', script: 'node_modules/.bin/next', args: 'start -p 24301', env: { PORT: 24302 } },
    { name: 'own', script: 'server.js', args: '--port 24303', env: { PORT: 24304 } },
    { name: 'rails', script: 'bin/rails', args: ['s', '-p24305'], interpreter: 'none', env: { PORT: 24306 } },
    { name: 'vite', script: 'node_modules/vite/bin/vite.js', args: '--port 24307' },
  ],
};
