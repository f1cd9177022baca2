// Checks the certificate of the URL given with what node trusts by default.
const tls = require("node:tls");

const url = new URL(process.argv[2]);
const socket = tls.connect({ host: "127.0.0.1", port: url.port, servername: url.hostname }, () => {
  process.stdout.write("verified");
  socket.end();
});
