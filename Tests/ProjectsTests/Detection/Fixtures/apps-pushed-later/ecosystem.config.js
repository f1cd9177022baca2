const apps = [];
apps.push({ name: 'a', script: 'a.js', env: { PORT: 5570 } });
const ui = { name: 'a-ui', script: 'b.js' };
ui.env = { PORT: 5571 };
apps.push(ui);
module.exports.apps = apps;
