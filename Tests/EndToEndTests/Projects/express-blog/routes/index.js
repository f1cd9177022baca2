var express = require('express');
var router = express.Router();

router.get('/', function (req, res) {
  res.send('<h1>Blog</h1><p>Written at ' + req.get('host') + '</p>');
});

module.exports = router;
