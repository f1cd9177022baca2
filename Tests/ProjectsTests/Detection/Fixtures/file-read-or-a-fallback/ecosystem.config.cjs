const fs = require('fs');
const path = require('path');
const dotenv = require('dotenv');
const file = path.join(__dirname, 'settings.ini');
function read(key, fallback) {
  try {
    const text = fs.readFileSync(file, 'utf8');
    for (const line of text.split(/\r?\n/)) {
      if (line.startsWith(key + '=')) return line.split('=', 2)[1].trim();
    }
  } catch (error) {}
  return fallback;
}
function unread(key, fallback) {
  try {
    for (const line of fs.readFileSync(file, 'utf8').match(/^.*$/gm)) {
      if (line.startsWith(key + '=')) return line;
    }
  } catch (error) {}
  return fallback;
}
function load(file) {
  if (!fs.existsSync(file)) return {};
  const env = {};
  for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
    const trimmed = line.trim();
    if (!trimmed || trimmed.startsWith('#')) continue;
    const index = trimmed.indexOf('=');
    if (index === -1) continue;
    env[trimmed.slice(0, index).trim()] = trimmed.slice(index + 1).trim();
  }
  return env;
}
const local = load(path.join(__dirname, 'local.env'));
const settings = JSON.parse(fs.readFileSync('settings.json', 'utf8'));
const more = fs.existsSync(path.join(__dirname, 'missing.json')) ? 1 : 6205;
module.exports = { apps: [
  { name: 'a', script: 'a.js', args: `--port ${read('PORT', '3000')}` },
  { name: 'b', script: 'b.js', env: { PORT: settings.port } },
  { name: 'c', script: 'c.js', env: { PORT: more } },
  { name: 'd', script: 'd.js', env: { PORT: 3000, ...local } },
  { name: 'e', script: 'e.js', env: { PORT: 3000, ...dotenv.config({ path: 'server.env' }).parsed } },
  { name: 'f', script: 'f.js', args: `--port ${unread('PORT', '3000')}` },
] };
