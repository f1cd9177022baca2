// A dev server with keyboard shortcuts: with `raw` it reads single keys and ends at q.
const http = require("node:http");

let interrupts = 0;
process.on("SIGINT", () => {
  interrupts += 1;
  console.log(`app: SIGINT ${interrupts}`);
  // A second one would come from a CLI that forwards what the terminal had already sent.
  setTimeout(() => process.exit(interrupts === 1 ? 7 : 8), 300);
});

const server = http.createServer((request, response) => response.end("keys"));
server.listen(Number(process.env.PORT), process.env.HOST, () => {
  console.log("listening");
  console.log(`pid ${process.pid}.`);
});

if (process.argv.includes("raw")) {
  process.stdin.setRawMode(true);
  process.stdin.on("data", (data) => {
    for (const byte of data) console.log(`key: ${byte.toString(16)}`);
    if (data.includes("q".charCodeAt(0))) {
      process.stdin.setRawMode(false);
      process.exit(0);
    }
  });
}
