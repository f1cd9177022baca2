let ports;
try {
  ports = require('./ports.local.cjs');
} catch {
  ports = { api: 6201 };
}
let other = { port: 1 };
try { other = require('./other.json'); } catch (error) { other = { port: 2 }; }
let unread = 6203;
try { unread = require('some-package').port; } catch { /* it stays */ }
module.exports = { apps: [
  { name: 'a', script: 'a.js', env: { PORT: ports.api } },
  { name: 'b', script: 'b.js', env: { PORT: other.port } },
  { name: 'c', script: 'c.js', env: { PORT: unread } },
] };
