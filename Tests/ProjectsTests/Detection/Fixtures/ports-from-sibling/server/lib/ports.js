'use strict';
const BASE = 5570;
exports.PORTS = Object.freeze({ API: BASE, UI: BASE + 1 });
