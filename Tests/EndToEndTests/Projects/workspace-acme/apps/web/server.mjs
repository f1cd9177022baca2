import { createServer } from 'node:http';

const api = process.env.PORTLESS_URL_API ?? 'http://localhost:4000';

createServer((request, response) => {
  response.setHeader('content-type', 'text/html');
  response.end(`<h1>Acme</h1><p><a href="${api}/greeting">A greeting</a></p>`);
}).listen(process.env.PORT ?? 3000);
