const common = { NODE_ENV: 'production', LOG: { level: '}' }, WS_PORT: 5572 };
module.exports = { apps: [{ name: 'a', script: 'a.js', env: { ...process.env, ...common, PORT: 5570 } }] };
