const path = require('path');
const { name } = require('./package.json');

const PORTS = Object.freeze({ UI: 3457, API: 3458 });
const range = process.env.RADAR_RANGE ? Number(process.env.RADAR_RANGE) : 40;

function environment(port) {
  return { PORT: String(port), RADAR_RANGE: String(range) };
}

function app(suffix, options) {
  const base = { name: `${name}-${suffix}`, cwd: path.join(__dirname, suffix), watch: false };
  return Object.assign(base, options);
}

const servers = [
  ['ui', PORTS.UI],
  ['api', PORTS.API],
].map(([suffix, port]) => app(suffix, { script: 'server.mjs', env: environment(port) }));

const workers = ['north', 'south'].map((side) =>
  app('worker', { name: `${name}-${side}`, script: './sweep.py', interpreter: 'python3', args: ['--side', side] }),
);

module.exports = { apps: [...servers, ...workers] };
