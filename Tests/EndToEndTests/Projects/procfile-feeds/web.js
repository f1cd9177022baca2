const express = require('express');
// Fails where the release phase wasn't run before.
const database = require('./data/feeds.json');

const app = express();
app.get('/', (req, res) => {
  res.send(`<h1>Feeds</h1><p>schema ${database.schema}: ${database.feeds.join(', ')}</p>`);
});
app.listen(process.env.PORT || 5000);
