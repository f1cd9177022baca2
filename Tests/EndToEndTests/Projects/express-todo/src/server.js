const express = require('express');

const PORT = 3437;
const app = express();
app.set('trust proxy', 'loopback');

app.get('/', (req, res) => {
  res.send(`<!doctype html><h1>Todo</h1><p>${req.protocol}://${req.hostname}</p>`);
});

app.listen(PORT, () => console.log(`Server running at http://localhost:${PORT}`));
