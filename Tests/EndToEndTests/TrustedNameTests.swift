import Foundation
import Testing

extension EndToEnd {
    /// What browsers and the apps themselves trust.
    @Suite struct TrustedNameTests {}
}

extension EndToEnd.TrustedNameTests {
    @Test func `a stopped app's name ends on our page, with a certificate of its own`() async throws
    {
        try await Sandbox.with { sandbox in
            let app = try sandbox.startPortless("shop", "node", Apps.path("node-http.js"))
            try await sandbox.answer(sandbox.url("shop"))
            app.send(SIGTERM)
            _ = try await app.finished()
            for name in ["shop", "api.shop", "a.b.c.never"] {
                let page = try await sandbox.curl(sandbox.url(name))
                #expect(page.status == 404)
                #expect(page.body.contains("No app is registered for \(name).localhost"))
            }
        }
    }

    @Test func `a flood of names costs others nothing`() async throws {
        try await Sandbox.with { sandbox in
            _ = try sandbox.startPortless("shop", "node", Apps.path("node-http.js"))
            try await sandbox.answer(sandbox.url("shop"))
            try sandbox.write(
                """
                const tls = require("node:tls");
                let left = 1000, open = 0, own = 0;
                const next = () => {
                  if (left-- <= 0) { if (--open === 0) console.log(`own ${own}.`); return; }
                  const name = `x${left}.localhost`;
                  const socket = tls.connect({ host: "127.0.0.1", port: \(sandbox.port),
                    servername: name, rejectUnauthorized: false }, () => {
                    if (socket.getPeerCertificate().subject.CN === name) own++;
                    socket.destroy();
                    next();
                  });
                  socket.on("error", next);
                };
                for (; open < 8; open++) next();
                """,
                to: "flood.js",
            )
            let start = ContinuousClock.now
            let flood = try sandbox.start(["node", "flood.js"])
            #expect(try await sandbox.curl(sandbox.url("shop")).status == 200)
            let output = try await flood.finished(within: .seconds(60)).output
            let own = try #require(
                Int(output.split(separator: " ").last?.prefix { $0.isNumber } ?? "")
            )
            let seconds = Int(start.duration(to: .now) / .seconds(1)) + 1
            #expect(own >= 20 && own <= 20 * (seconds + 1))
            #expect(try await sandbox.curl(sandbox.url("shop")).status == 200)
        }
    }

    @Test func `a certificate file of the user's is in the bundle that the app gets`() async throws
    {
        try await Sandbox.with { sandbox in
            // Any certificate will do; this one has its key beside it.
            try await sandbox.start([
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-keyout", "corporate.pem", "-out", "certificate.pem", "-days", "2",
                "-subj", "/CN=corporate",
            ]).finished()
            let folder = sandbox.project
            let certificate = try String(
                contentsOf: folder.appending(path: "certificate.pem"),
                encoding: .utf8,
            )
            let key = try String(
                contentsOf: folder.appending(path: "corporate.pem"),
                encoding: .utf8,
            )
            try sandbox.write(key + certificate, to: "corporate.pem")
            let set = ["NODE_EXTRA_CA_CERTS": "corporate.pem", "SSL_CERT_FILE": "missing.pem"]
            let print = ["sh", "-c", #"cat "$NODE_EXTRA_CA_CERTS"; echo "$SSL_CERT_FILE""#]
            let run = try await sandbox.start([Binary.path, "ca"] + print, environment: set)
                .finished()
            #expect(run.status == 0)
            #expect(run.output.contains(certificate.split(separator: "\n")[1]))
            #expect(run.output.contains(sandbox.stateFile("ca.pem").split(separator: "\n")[1]))
            #expect(!run.output.contains("PRIVATE KEY"))
            #expect(run.output.hasSuffix("missing.pem\n"))
            #expect(run.talk.contains("missing.pem"), "\(run.talk)")

            let kept = try await sandbox.start(
                [Binary.path, "ca", "sh", "-c", "echo $NODE_EXTRA_CA_CERTS $CURL_CA_BUNDLE"],
                environment: set.merging(["PORTLESS_KEEP_CA_VARIABLES": "1"]) { $1 },
            ).finished()
            #expect(kept.output == "corporate.pem\n")

            try FileManager.default.removeItem(at: sandbox.state.appending(path: "ca.pem"))
            let without = try await sandbox.portless("ca", "sh", "-c", "echo runs")
            #expect(without.status == 0)
            #expect(without.output == "runs\n")
            #expect(without.talk.contains("ca.pem isn't there"), "\(without.talk)")
        }
    }
}
