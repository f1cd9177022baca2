module.exports = {
  apps: [
    { name: 'backend', script: 'uvicorn', args: 'app:app --port 24801', interpreter: 'none' },
    { name: 'cache', script: 'redis-server', args: '--port 24802', interpreter: 'none' },
    { name: 'store', script: 'mongod', args: '--port 24803', interpreter: 'none' },
    { name: 'mail-worker', script: 'worker.js', env: { PORT: 24804 } },
    { name: 'admin', script: 'admin.js', env: { PORT: 24805 } },
    { name: 'shop', script: 'node_modules/.bin/next', args: 'start', env: { PORT: 24806 } },
    { name: 'web-server', script: 'serve.js', env: { PORT: 24807 } },
    { name: 'shop-server', script: 'serve.js', args: '--port 24808' },
    { name: 'two', script: 'two.js', env: { API_PORT: 24810, PORT: 24809 } },
  ],
};
