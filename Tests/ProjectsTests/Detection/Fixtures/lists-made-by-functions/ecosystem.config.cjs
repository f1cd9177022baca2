const base = 6600;
const workers = Array.from({ length: 2 }, (_, index) => ({
  name: `worker-${index}`, script: 'w.js', env: { PORT: base + index },
}));
const table = [['api', 6610], ['mail', 6611]].reduce((all, [name, port]) => {
  all[name] = { port };
  return all;
}, {});
const named = Object.fromEntries(Object.entries(table).map(([name, { port }]) => [name, port + 10]));
const make = (name, { port = 6630, ...rest } = {}) => ({ name, script: 's.js', env: { PORT: port }, ...rest });
const sum = (...numbers) => numbers.reduce((a, b) => a + b);
module.exports = { apps: [
  ...workers,
  ...Object.keys(named).map((name) => make(name, { port: named[name] })),
  make('plain'),
  make('options', { port: table.missing?.port.number ?? 6631, cwd: '.' }),
  make('sum', { port: sum(6000, 600, Math.max(30, 32)) }),
  make('found', { port: [1, 6633, 2].find((port) => port > 1000) }),
  make('last', { port: [...Array(3).keys()].map((index) => 6640 + index).slice(-1)[0] }),
] };
