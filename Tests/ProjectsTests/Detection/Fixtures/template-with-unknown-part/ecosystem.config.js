const { HOST, PORT } = process.env;
module.exports = {
  apps: [
    { name: 'pages', script: 'next', args: `start -H ${HOST} -p 25101` },
    { name: 'api', script: 'gunicorn', args: `app:app -b ${HOST}:25102`, interpreter: 'none' },
    { name: 'open', script: 'gunicorn', args: `app:app -b 0.0.0.0:${PORT}`, interpreter: 'none' },
  ],
};
