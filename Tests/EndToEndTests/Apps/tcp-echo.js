// A server without HTTP, on DB_PORT: answers each line with its own name and the line.
const net = require("net");
net
  .createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => socket.write(`${process.env.WHO || "echo"}: ${data}`));
  })
  .listen(Number(process.env.DB_PORT), "127.0.0.1");
if (process.env.PORT) {
  require("http")
    .createServer((_, response) => response.end("page"))
    .listen(Number(process.env.PORT), "127.0.0.1");
}
