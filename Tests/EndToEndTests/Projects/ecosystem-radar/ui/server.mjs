import { createServer } from 'node:http';

createServer((request, response) => {
  response.setHeader('content-type', 'text/html');
  response.end(`<h1>Radar ui</h1><p>${process.env.RADAR_RANGE} km</p>`);
}).listen(Number(process.env.PORT));
