const defaults = { cwd: __dirname, env: { NODE_ENV: 'development', PORT: 5570 }, watch: false };
const make = (name, port) => ({ ...defaults, name, script: `${name}.js`, env: { ...defaults.env, PORT: port } });
module.exports = { apps: [make('api', 5571), make('ui', 5572), { ...defaults, name: 'base', script: 'x.js' }] };
