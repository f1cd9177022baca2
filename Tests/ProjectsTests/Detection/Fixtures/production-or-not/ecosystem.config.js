const isProduction = process.env.NODE_ENV === 'production';
module.exports = { apps: [{ name: 'a', script: 'a.js', env: {
  PORT: isProduction ? 80 : 3100,
  WS_PORT: isProduction ? 3101 : 3101,
} }] };
