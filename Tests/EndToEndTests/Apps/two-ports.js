// A server on PORT that says "ui", and one on API_PORT that says "api", which is the first to listen.
const http = require("http");

const names = ["PORT", "API_PORT", "UI_PORT", "CDP_PORT"];
console.log(names.map((name) => `${name}=${process.env[name]}`).join(" "));

function serve(text, port, then) {
  http.createServer((request, response) => response.end(`${text}\n`)).listen(port, "127.0.0.1", then);
}

serve("api", process.env.API_PORT, () => serve("ui", process.env.PORT, () => {}));
