// The ports of the whole system. Change them here only.
const PORTS = {
  API: 5555,           // REST API and the built pages
  API_LOCAL: 5553,     // plain HTTP mirror on loopback
  UI: 5554,            // development server
  CDP: 5556,           // DevTools of the managed browser
  CDP_HEALTH: 5557,    // its health
  COS: 5558,           // job runner
  AUTOFIXER: 5559,
  AUTOFIXER_UI: 5560,
};

const PM2_HOME = `${require('os').homedir()}/.pm2-desk`;

module.exports = {
  PORTS,
  apps: [
    {
      name: 'desk-server',
      script: 'server/index.js',
      cwd: __dirname,
      env: {
        NODE_ENV: 'development',
        PORT: PORTS.API,
        DESK_HTTP_PORT: PORTS.API_LOCAL,
        HOST: '0.0.0.0',
        PM2_HOME,
      },
    },
    { name: 'desk-ui', script: 'node_modules/.bin/vite', args: '--host 0.0.0.0', cwd: `${__dirname}/client`, env: { VITE_PORT: PORTS.UI } },
    { name: 'desk-browser', script: 'browser.js', env: { CDP_PORT: PORTS.CDP, PORT: PORTS.CDP_HEALTH } },
    { name: 'desk-cos', script: 'cos.js', env: { PORT: PORTS.COS } },
    { name: 'desk-autofixer', script: 'fix.js', env: { PORT: PORTS.AUTOFIXER } },
    { name: 'desk-autofixer-ui', script: 'fix-ui.js', env: { PORT: PORTS.AUTOFIXER_UI } },
  ],
};
