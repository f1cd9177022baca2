module.exports = { apps: [
  { name: 'shop', script: 'a.js', env: { PORT: 5570, DB_PORT: 5432, SMTP_PORT: '587', REDIS_PORT: 6379, PGPORT: 5433, SHOP_DB_REPLICA_PORT: 5434 } },
  { name: 'redis', script: 'redis-server', env: { REDIS_PORT: 6380 } },
] };
