const app = require('express')();

app.get('/', (req, res) => {
  res.set('access-control-allow-origin', '*');
  res.type('text').send('2 people are here');
});

app.listen(process.env.PORT || 3001);
