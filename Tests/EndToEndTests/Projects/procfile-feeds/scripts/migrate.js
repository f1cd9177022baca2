const fs = require('fs');

fs.mkdirSync('data', { recursive: true });
fs.writeFileSync('data/feeds.json', JSON.stringify({ schema: 7, feeds: ['News'] }));
console.log('migrated to 7');
