const os = require('os');
const apps = [
  { name: 'site', script: 's.js', env: { PORT: 6100 } },
  { name: 'api', script: 's.js', env: { PORT: 6101 } },
];
if (os.hostname() === 'builder' || process.env.TUNNEL) {
  apps.push({ name: 'tunnel', script: 't.sh' });
  apps[0].env.PORT = 6100;
  apps[1].env.PORT = 6999;
}
module.exports = { apps };
