// Says every message back, and behaves as an ordinary server otherwise.
const http = require("node:http");
const { WebSocketServer } = require("ws");

const server = http.createServer((request, response) => response.end("websocket"));
new WebSocketServer({ server }).on("connection", (socket, request) => {
  socket.send(`hello ${request.headers.host}`);
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});
server.listen(Number(process.env.PORT), process.env.HOST);
