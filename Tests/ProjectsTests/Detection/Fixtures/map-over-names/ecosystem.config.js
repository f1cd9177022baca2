const services = ['auth', 'billing', 'mail'];
module.exports = {
  apps: services.map((name, index) => ({
    name,
    script: `services/${name}/index.js`,
    env: { PORT: 5580 + index, NODE_ENV: process.env.NODE_ENV || 'development' },
  })),
};
