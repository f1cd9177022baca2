// Streams `/download/<bytes>` out and counts what is uploaded, keeping neither.
const http = require("node:http");
const { Readable } = require("node:stream");

const block = Buffer.alloc(1 << 16, "x");

http
  .createServer((request, response) => {
    if (request.method === "GET") {
      let left = Number(request.url.split("/").pop()) || 0;
      response.setHeader("content-length", left);
      const source = new Readable({
        read() {
          if (left === 0) return this.push(null);
          const size = Math.min(left, block.length);
          left -= size;
          this.push(size === block.length ? block : block.subarray(0, size));
        },
      });
      source.pipe(response);
      return;
    }
    let size = 0;
    request.on("data", (chunk) => (size += chunk.length));
    request.on("end", () => response.end(String(size)));
  })
  .listen(Number(process.env.PORT), process.env.HOST);
