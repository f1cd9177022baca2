// A server with a child and a grandchild that only end when they are ended.
const { spawn } = require("node:child_process");
const http = require("node:http");

const grandchild = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)';
const child = `
  const { spawn } = require("node:child_process");
  const own = spawn(process.execPath, ["-e", ${JSON.stringify(grandchild)}], { stdio: "ignore" });
  process.on("SIGTERM", () => {});
  console.log(JSON.stringify([process.pid, own.pid]));
  setInterval(() => {}, 1000);
`;
const started = spawn(process.execPath, ["-e", child], { stdio: ["ignore", "pipe", "inherit"] });
started.stdout.once("data", (line) => {
  const family = [process.pid, ...JSON.parse(line)];
  http
    .createServer((request, response) => response.end(JSON.stringify(family)))
    .listen(Number(process.env.PORT), process.env.HOST);
});
