const { feeds } = require('./data/feeds.json');
console.log(`worker fetches ${feeds.length}`);
setInterval(() => {}, 1 << 30);
