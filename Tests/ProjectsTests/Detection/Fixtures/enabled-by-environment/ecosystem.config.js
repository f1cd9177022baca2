const apps = [{ name: 'a', script: 'a.js', env: { PORT: 5570 } }];
if (process.env.WITH_UI) {
  apps.push({ name: 'a-ui', script: 'b.js', env: { PORT: 5571 } });
}
module.exports = { apps };
