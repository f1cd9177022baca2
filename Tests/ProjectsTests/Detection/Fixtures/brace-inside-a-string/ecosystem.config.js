const PORTS = { NOTE: 'a } in a string', API: 5570, "also {": 1, UI: 5571 };
module.exports = { apps: [{ name: 'a', script: 'a.js', args: "it's }", env: { PORT: PORTS.API, UI_PORT: PORTS.UI, TEXT: `}${'}'}` } }] };
