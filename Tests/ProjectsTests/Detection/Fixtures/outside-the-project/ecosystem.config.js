const P = require('../../../elsewhere');
module.exports = { apps: [{ name: 'a', script: 'a.js', ports: P.ports }] };