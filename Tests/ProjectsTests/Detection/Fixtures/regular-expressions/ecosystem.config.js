const trim = (text) => text.replace(/['"`{]+/g, '');
const half = 11140 / 2;
module.exports = { apps: [{ name: 'a', script: 'a.js', ignore_watch: [/node_modules[/\\]/, /\/\*/], env: { PORT: half } }] };
