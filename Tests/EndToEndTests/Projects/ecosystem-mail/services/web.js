require('http')
  .createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<h1>Mail</h1><p>${process.env.NODE_ENV} on ${process.env.PORT}</p>`);
  })
  .listen(process.env.PORT);
