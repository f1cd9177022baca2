require('dotenv').config();
module.exports = { apps: [{ name: 'a', script: 'a.js', env: { PORT: process.env.API_PORT, WS_PORT: process.env.WS_PORT || 5599 } }] };
