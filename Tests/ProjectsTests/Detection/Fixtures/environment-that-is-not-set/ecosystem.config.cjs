const isProduction = process.env.NODE_ENV === 'production';
const port = () => {
  switch (process.env.NODE_ENV) {
    case 'production': return 80;
    case 'staging': return 81;
    default: return 6303;
  }
};
let third = 6304;
if (process.env.NODE_ENV !== 'production') { third += 1000; } else third = 82;
if (process.env.PORT) third = process.env.PORT;
const { NODE_ENV = 'development' } = process.env;
module.exports = { apps: [
  { name: 'a', script: 'a.js', env: { PORT: isProduction ? 80 : 6302 } },
  { name: 'b', script: 'b.js', env: { PORT: port() } },
  { name: 'c', script: 'c.js', env: { PORT: third } },
  { name: 'd', script: 'd.js', env: { PORT: { production: 80, development: 6305 }[NODE_ENV] } },
] };
