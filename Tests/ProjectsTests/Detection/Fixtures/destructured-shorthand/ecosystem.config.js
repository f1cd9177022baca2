const { API: port, ...rest } = { API: 5570, WS: 5571 };
const [ui, , admin = 5574] = [5572, 5573];
module.exports = { apps: [{ name: 'a', script: 'a.js', ports: { api: port, ws: rest.WS, ui, admin } }] };
