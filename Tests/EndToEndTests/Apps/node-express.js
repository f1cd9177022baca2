const express = require("express");

const app = express();
app.get("/hello/:name", (request, response) => {
  response.send(`express greets ${request.params.name}`);
});
app.get("/", (request, response) => response.send("express"));
app.listen(Number(process.env.PORT), process.env.HOST);
