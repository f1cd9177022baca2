import { API as port } from './ports.mjs';
const name = 'a';
export default { apps: [{ name, script: 'a.js', env: { PORT: port } }] };
