import SystemPackage
import TestSupport
import Testing

@testable import Machine

/// Real clients with the variables that `portless run` gives to children.
@Suite(.timeLimit(.minutes(5)), .serialized) struct RuntimeTests {
    private func withProbe(_ body: (TLSProbe) async throws -> Void) async throws {
        try await TemporaryDirectory.with { try await body(TLSProbe(in: $0)) }
    }

    @Test(.enabled("OpenSSL is not installed") { TLSProbe.has("openssl") })
    func `OpenSSL honours the name constraints`() async throws {
        try await withProbe { probe in
            // s_client has no request of its own: it sends what it reads.
            let script = try probe.file(
                "client.sh",
                """
                printf 'GET / HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n' "$1" |
                    openssl s_client -quiet -verify_quiet -verify_return_error \
                    -connect "127.0.0.1:$2" -servername "$1" -verify_hostname "$1" -x509_strict
                """,
            )
            try await probe.expectConstraintsHonoured(by: ["sh", script, "{name}", "{port}"])
        }
    }

    @Test(.enabled("curl is not installed") { TLSProbe.has("curl") })
    func `curl honours the name constraints`() async throws {
        try await withProbe { probe in
            try await probe.expectConstraintsHonoured(by: [
                "curl", "-sS", "--noproxy", "*", "--resolve", "{name}:{port}:127.0.0.1",
                "https://{name}:{port}/",
            ])
        }
    }

    @Test(.enabled("Node is not installed") { TLSProbe.has("node") })
    func `Node honours the name constraints`() async throws {
        try await withProbe { probe in
            let script = try probe.file(
                "client.js",
                """
                const [name, port] = process.argv.slice(2);
                require("https").get(
                    { host: "127.0.0.1", port, servername: name, headers: { Host: name } },
                    (response) => response.resume(),
                );
                """,
            )
            let client = ["node", script, "{name}", "{port}"]
            #expect(try await probe.verdict(on: TLSProbe.permitted, of: client) == .accepts)
            // Node has roots of its own and takes no others but those in its variable.
            try await probe.expectConstraintsHonoured(
                by: client,
                environment: ["NODE_EXTRA_CA_CERTS": probe.bundle.string],
            )
        }
    }

    @Test(.enabled("Python is not installed") { TLSProbe.has("python3") })
    func `Python's urllib honours the name constraints`() async throws {
        try await withProbe { probe in
            let client = try python(probe, "urllib.request.urlopen(url)")
            try await probe.expectConstraintsHonoured(by: client)
        }
    }

    @Test(
        .enabled("Python's requests is not installed") {
            await TLSProbe.hasPythonModule("requests")
        }
    )
    func `Python's requests honours the name constraints`() async throws {
        try await withProbe { probe in
            let client = try python(probe, "import requests; requests.get(url)")
            try await probe.expectConstraintsHonoured(by: client)
        }
    }

    @Test(
        .enabled("Python's httpx is not installed") {
            await TLSProbe.hasPythonModule("httpx")
        }
    )
    func `Python's httpx honours the name constraints`() async throws {
        try await withProbe { probe in
            let client = try python(probe, "import httpx; httpx.get(url)")
            try await probe.expectConstraintsHonoured(by: client)
        }
    }

    @Test(.enabled("pip is not installed") { await TLSProbe.hasPythonModule("pip") })
    func `pip honours the name constraints`() async throws {
        try await withProbe { probe in
            let client = try python(
                probe,
                """
                sys.argv[1:] = ["download", "--no-input", "--retries", "0", "nothing",
                                "--disable-pip-version-check", "--index-url", url + "simple"]
                import runpy; runpy.run_module("pip", run_name="__main__")
                """,
            )
            try await probe.expectConstraintsHonoured(by: client)
        }
    }

    @Test(.enabled("git is not installed") { TLSProbe.has("git") })
    func `git honours the name constraints`() async throws {
        try await withProbe { probe in
            try await probe.expectConstraintsHonoured(by: [
                "git", "-c", "http.curloptResolve={name}:{port}:127.0.0.1",
                "ls-remote", "https://{name}:{port}/repository",
            ])
        }
    }

    @Test(.enabled("Ruby is not installed") { TLSProbe.has("ruby") })
    func `Ruby honours the name constraints`() async throws {
        try await withProbe { probe in
            let script = try probe.file(
                "client.rb",
                """
                require "net/http"
                name, port = ARGV
                http = Net::HTTP.new(name, port.to_i)
                http.ipaddr = "127.0.0.1"
                http.use_ssl = true
                http.get("/")
                """,
            )
            try await probe.expectConstraintsHonoured(by: ["ruby", script, "{name}", "{port}"])
        }
    }

    @Test(.enabled("Go is not installed") { TLSProbe.has("go") })
    func `Go honours the name constraints`() async throws {
        try await withProbe { probe in
            let source = try probe.file(
                "client.go",
                """
                package main

                import ("context"; "net"; "net/http"; "os")

                func main() {
                    name, port := os.Args[1], os.Args[2]
                    transport := &http.Transport{
                        DialContext: func(c context.Context, n, _ string) (net.Conn, error) {
                            return net.Dial("tcp", "127.0.0.1:" + port)
                        },
                    }
                    client := &http.Client{Transport: transport}
                    _, err := client.Get("https://" + name + ":" + port + "/")
                    if err != nil { println(err.Error()); os.Exit(1) }
                }
                """,
            )
            let program = probe.path.appending("client").string
            let build = try await SystemCommandRunner(
                environment: ["PATH": TLSProbe.searchPath, "HOME": probe.path.string]
            ).run(Command("go", ["build", "-o", program, source], timeLimit: .seconds(240)))
            try #require(build.isSuccess, "\(build.errorOutput)")
            try await probe.expectConstraintsHonoured(by: [program, "{name}", "{port}"])
        }
    }

    @Test(.enabled("Java is not installed") { TLSProbe.has("java", "keytool") })
    func `Java accepts our names, and ignores the constraints of a root`() async throws {
        try await withProbe { probe in
            let store = probe.path.appending("trust.p12").string
            for certificate in [probe.certificate, probe.other] {
                let result = try await TLSProbe.runner.run(
                    Command(
                        "keytool",
                        [
                            "-importcert", "-noprompt", "-keystore", store, "-storepass",
                            "changeit", "-alias", certificate.path.string, "-file",
                            certificate.path.string,
                        ],
                    )
                )
                try #require(result.isSuccess, "\(result.output)")
            }
            let source = try probe.file("Client.java", javaClient)
            let client = [
                "java", "-Djavax.net.ssl.trustStore=\(store)",
                "-Djavax.net.ssl.trustStorePassword=changeit", source, "{name}", "{port}",
            ]
            // RFC 5280 section 6.1 leaves it to the verifier whether a trust anchor's own extensions
            // count; docs/security.md names Java for this, and shall know when it changes.
            for name in [TLSProbe.permitted, TLSProbe.unconstrained, TLSProbe.forbidden] {
                #expect(try await probe.verdict(on: name, of: client) == .accepts)
            }
        }
    }

    private let javaClient = """
        import java.net.Socket;
        import java.util.List;
        import javax.net.ssl.*;

        class Client {
            public static void main(String[] arguments) throws Exception {
                String name = arguments[0];
                int port = Integer.parseInt(arguments[1]);
                Socket plain = new Socket("127.0.0.1", port);
                var factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
                var socket = (SSLSocket) factory.createSocket(plain, name, port, true);
                var parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                parameters.setServerNames(List.of(new SNIHostName(name)));
                socket.setSSLParameters(parameters);
                String request = "GET / HTTP/1.1\\r\\nHost: " + name + "\\r\\n\\r\\n";
                socket.getOutputStream().write(request.getBytes());
                socket.getInputStream().read();
            }
        }
        """

    private func python(_ probe: TLSProbe, _ request: String) throws -> [String] {
        let script = try probe.file(
            "client.py",
            """
            import socket, sys, urllib.request
            real = socket.getaddrinfo
            socket.getaddrinfo = lambda host, *rest, **more: real("127.0.0.1", *rest, **more)
            url = f"https://{sys.argv[1]}:{sys.argv[2]}/"
            \(request)
            """,
        )
        return ["python3", script, "{name}", "{port}"]
    }
}
