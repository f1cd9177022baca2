const path = require('path');
module.exports = { apps: [{ name: 'ui', script: path.join(__dirname, 'web', 'node_modules/vite/bin/vite.js'), cwd: path.join(__dirname, 'web') }] };
