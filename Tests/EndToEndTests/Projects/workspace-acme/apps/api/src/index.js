const express = require('express');
const greeting = require('../../../packages/greeting');

const app = express();
app.get('/greeting', (req, res) => res.json({ text: greeting('web') }));

const port = process.env.PORT || 4000;
app.listen(port, () => console.log(`api on http://localhost:${port}`));
