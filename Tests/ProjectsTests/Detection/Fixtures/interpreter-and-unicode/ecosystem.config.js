#!/usr/bin/env node
"use strict";
/** Ports — see docs. */
const PORTS = Object.freeze({ "WEB": 5_570, 'Ümlaut': 1, [`API`]: 5_571, 3000: 5572 });
module.exports = { apps: [{ name: 'caf\u00e9-ui', interpreter: 'python3', script: 'app.py', env: { PORT: PORTS.WEB, API_PORT: PORTS["API"], ADMIN_PORT: PORTS[3000] } }] };
