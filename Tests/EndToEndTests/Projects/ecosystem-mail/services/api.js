const app = require('express')();
app.get('/', (req, res) => res.json({ box: process.env.MAILBOX, messages: 3 }));
app.listen(process.env.PORT, '127.0.0.1');
