// Plain node: echoes what it was asked, and what it was told to be.
const http = require("node:http");

http
  .createServer((request, response) => {
    let size = 0;
    request.on("data", (chunk) => (size += chunk.length));
    request.on("end", () => {
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({
          app: "node-http",
          url: request.url,
          method: request.method,
          headers: request.headers,
          size,
          environment: process.env,
          arguments: process.argv.slice(2),
        }),
      );
    });
  })
  .listen(Number(process.env.PORT), process.env.HOST);
