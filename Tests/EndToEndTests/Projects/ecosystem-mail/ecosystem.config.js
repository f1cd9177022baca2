// One function for what all services share.
const service = (name, port, extra = {}) => ({
  name: `mail-${name}`,
  script: `services/${name}.js`,
  cwd: __dirname,
  instances: 1,
  autorestart: true,
  max_memory_restart: '300M',
  ...extra,
  env: { NODE_ENV: 'development', PORT: port, ...(extra.env || {}) },
  env_production: { NODE_ENV: 'production', PORT: port + 1000 },
});

const BASE_PORT = 3447;

module.exports = {
  apps: [
    service('web', BASE_PORT),
    service('api', BASE_PORT + 1, { env: { MAILBOX: 'inbox' } }),
  ],
  deploy: {
    production: {
      user: 'node',
      host: 'mail.example.com',
      ref: 'origin/main',
      repo: 'git@example.com:mail.git',
      path: '/var/www/mail',
      'post-deploy': 'npm install && pm2 reload ecosystem.config.js --env production',
    },
  },
};
