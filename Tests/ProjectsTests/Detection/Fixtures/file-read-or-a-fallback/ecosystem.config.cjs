const fs = require('fs');
const path = require('path');
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
const settings = JSON.parse(fs.readFileSync('settings.json', 'utf8'));
const more = fs.existsSync(path.join(__dirname, 'missing.json')) ? 1 : 6205;
module.exports = { apps: [
  { name: 'a', script: 'a.js', args: `--port ${read('PORT', '3000')}` },
  { name: 'b', script: 'b.js', env: { PORT: settings.port } },
  { name: 'c', script: 'c.js', env: { PORT: more } },
] };
