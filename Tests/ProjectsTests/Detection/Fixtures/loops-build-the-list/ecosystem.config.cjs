const apps = [];
for (const [name, port] of Object.entries({ first: 6408, second: 6409 })) {
  apps.push({ name, script: `${name}.js`, env: { PORT: port } });
}
for (let index = 0; index < 4; index++) {
  if (index === 1) continue;
  if (index > 2) break;
  apps.push({ name: 'worker-' + index, script: 'w.js', args: ['--port', 6420 + index] });
}
const names = { c: 1, d: 2 };
for (const name in names) apps.push({ name, script: 's.js', env: { PORT: 6430 + names[name] } });
let left = 2;
while (left > 0) {
  left--;
  apps.push({ name: `left${left}`, script: 's.js', env: { PORT: 6440 + left } });
}
module.exports = { apps };
