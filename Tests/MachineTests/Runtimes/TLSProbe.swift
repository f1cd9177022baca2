import HostSystem
import PortlessCore
import SwiftASN1
import SystemPackage
import Testing

@testable import Machine

/// A TLS server on loopback with our certificates, and real clients that are sent to it.
///
/// Three names are served: `app.localhost`, for which our CA may sign; `example.com`, for which it
/// has signed although it may not; and `example.org`, whose chain ends at a CA without constraints.
/// The last one shows that a refusal of the second is due to its name and to nothing else.
struct TLSProbe {
    enum Verdict: Equatable {
        case accepts
        /// With what the client said about it.
        case refuses(String)

        var isAcceptance: Bool { self == .accepts }
    }

    static let permitted = "app.localhost"
    static let forbidden = "example.com"
    static let unconstrained = "example.org"

    let path: FilePath
    let certificate: TrustedCertificate
    let other: TrustedCertificate
    /// Our CA and the other one, as a system's roots and ours make it.
    let bundle: FilePath

    init(in path: FilePath) throws {
        self.path = path
        let directory = StateDirectory(path: path.appending("state"))
        _ = try FileSystem.makeDirectory(directory.path, mode: .ownerReadWriteExecute)
        let ours = try AuthorityStore(directory: directory)
            .prepare(topLevelDomains: [try name("localhost")]).authority
        certificate = try #require(try TrustedCertificate.current(in: directory))

        let roots = path.appending("system-roots.pem")
        let free = try CertificateAuthority.mint(for: .everything, at: .now)
        try AtomicFile.write(free.certificatePEM.utf8, to: roots)
        other = try TrustedCertificate(path: roots, pem: Array(free.certificatePEM.utf8))
        bundle = try CABundle(directory: directory, systemRoots: roots).refresh()

        try Self.write(Self.permitted, LeafIssuer(authority: ours), to: path)
        try Self.write(Self.forbidden, LeafIssuer(authority: ours), to: path)
        try Self.write(Self.unconstrained, LeafIssuer(authority: free.authority), to: path)
        try AtomicFile.write(Self.script.utf8, to: path.appending("probe.py"))
    }

    /// Whether a client that is told to fetch `https://name:{port}/` does so.
    ///
    /// The server decides: a client accepts if its request has arrived.
    func verdict(
        on name: String,
        of client: [String],
        environment: [String: String] = [:],
    ) async throws -> Verdict {
        var variables = RuntimeVariables.values(
            ca: certificate.path,
            bundle: bundle,
            environment: [:],
            including: { _ in nil },
        )
        variables["PATH"] = Self.searchPath
        variables["HOME"] = path.string
        variables.merge(environment) { $1 }
        let runner = SystemCommandRunner(environment: variables)
        let result = try await runner.run(
            Command(
                "python3",
                [path.appending("probe.py").string, path.string, name]
                    + client.map { $0.replacing("{name}", with: name) },
                timeLimit: .seconds(120),
            )
        )
        try #require(result.isSuccess, "\(result.errorOutput)")
        return result.output.hasPrefix("accepted\n") ? .accepts : .refuses(result.output)
    }

    /// Expects of a client to take what is right and to refuse what the CA may not sign.
    func expectConstraintsHonoured(
        by client: [String],
        environment: [String: String] = [:],
        sourceLocation: Testing.SourceLocation = #_sourceLocation,
    ) async throws {
        for (name, isAccepted) in [
            (Self.permitted, true), (Self.forbidden, false), (Self.unconstrained, true),
        ] {
            let verdict = try await verdict(on: name, of: client, environment: environment)
            #expect(
                verdict.isAcceptance == isAccepted,
                "\(name): \(verdict)",
                sourceLocation: sourceLocation,
            )
        }
    }

    func file(_ name: String, _ content: String) throws -> String {
        let file = path.appending(name)
        try AtomicFile.write(content.utf8, to: file)
        return file.string
    }

    static let searchPath = SystemCalls.environmentVariable("PATH") ?? "/usr/bin:/bin"
    static let runner = SystemCommandRunner(environment: ["PATH": searchPath])

    static func has(_ programs: String...) -> Bool {
        (programs + ["python3"]).allSatisfy(runner.has)
    }

    static func hasPythonModule(_ module: String) async -> Bool {
        let result = try? await runner.run(Command("python3", ["-c", "import \(module)"]))
        return result?.isSuccess == true
    }

    private static func write(_ host: String, _ issuer: LeafIssuer, to path: FilePath) throws {
        let leaf = try issuer.leaf(for: try name(host), at: .now)
        let documents =
            leaf.chain.map { PEMDocument(type: "CERTIFICATE", derBytes: $0) }
            + [PEMDocument(type: "PRIVATE KEY", derBytes: leaf.privateKey)]
        let text = documents.map { $0.pemString + "\n" }.joined()
        try AtomicFile.write(text.utf8, to: path.appending("\(host).pem"))
    }

    /// Serves the certificate of the name asked for, runs the client, says what arrived.
    private static let script = #"""
        import http.server, os, signal, ssl, subprocess, sys, tempfile, threading, time

        directory, name, client = sys.argv[1], sys.argv[2], sys.argv[3:]
        arrived, turned_away = threading.Event(), threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.headers["Host"].split(":")[0] == name:
                    arrived.set()
                self.send_response(200)
                self.send_header("Content-Length", "3")
                self.end_headers()
                self.wfile.write(b"ok\n")

            def finish(self):
                super().finish()
                # A client that refuses the certificate goes without having asked for anything.
                if getattr(self.connection, "asked", None) == name:
                    turned_away.set()

            def log_message(self, *arguments):
                pass

        def context(host):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(os.path.join(directory, host + ".pem"))
            return context

        contexts = {h: context(h) for h in ("app.localhost", "example.com", "example.org")}

        def choose(connection, host, _):
            connection.asked = host
            connection.context = contexts.get(host, contexts["app.localhost"])

        class Server(http.server.ThreadingHTTPServer):
            def get_request(self):
                connection, address = super().get_request()
                # The handshake runs in the connection's thread, at its first read.
                return outer.wrap_socket(connection, server_side=True,
                                         do_handshake_on_connect=False), address

            def handle_error(self, *arguments):
                pass

        outer = context("app.localhost")
        outer.sni_callback = choose
        server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = str(server.server_address[1])
        said = tempfile.TemporaryFile()
        process = subprocess.Popen([word.replace("{port}", port) for word in client],
                                   stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                                   start_new_session=True)
        limit = time.monotonic() + 60
        # A browser stays on its error page; one that came and went gets some time to come back.
        while process.poll() is None and time.monotonic() < limit and not arrived.wait(0.02):
            if turned_away.is_set():
                limit = min(limit, time.monotonic() + 8)
                turned_away.clear()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        said.seek(0)
        print("accepted" if arrived.is_set() else "refused")
        print(said.read().decode(errors="replace")[-2000:])
        """#
}
