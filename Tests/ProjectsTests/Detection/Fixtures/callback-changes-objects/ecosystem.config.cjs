const shared = { LOG: 'info' };
const config = { apps: [
  { name: 'shop', script: 'shop.js', env: { PORT: 6410, ...shared } },
  { name: 'mail', script: 'mail.js', env: { PORT: 6411 } },
] };
config.apps.forEach((app, index) => {
  app.env.PORT += 10;
  app.env.ADMIN_PORT = 6500 + index;
  app.cwd = __dirname;
});
for (const app of config.apps) Object.assign(app.env, { WS_PORT: app.env.PORT + 100 });
const { env: mailEnvironment } = config.apps[1];
mailEnvironment.PORT = 6499;
module.exports = config;
