import Logging
import Machine
import PortlessCore
import Projects
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Server

/// The server as it runs, on ports that the system chooses.
@Suite(.timeLimit(.minutes(1))) struct ControlServerTests {
    private final class Addresses: Sendable {
        private let all = Mutex<[ServerAddress]>([])

        func add(_ address: ServerAddress) { all.withLock { $0.append(address) } }
        var last: ServerAddress? { all.withLock { $0.last } }
        var count: Int { all.withLock { $0.count } }
    }

    /// What is different from the usual server.
    private struct Setup {
        var host: String?
        var port: Port?
        var mirrorPort: Port?
        var hasCertificate = false
        var brokenCertificate: String?
        var runner: any CommandRunner = NoPrograms()
    }

    private let supervision = FakeSupervision()

    private func withServer(
        _ setup: Setup = Setup(),
        _ body: (StateDirectory, ControlServer, Addresses) async throws -> Void,
    ) async throws {
        try await TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            if setup.hasCertificate { try await TestCertificates.issue(in: directory) }
            if let text = setup.brokenCertificate { try path.write("certs/cert.pem", text) }
            var configuration = ServerConfiguration(
                port: setup.port,
                mirrorPort: try setup.mirrorPort ?? TestPort.free(),
                names: [try #require(Hostname("portless.localhost"))],
                version: "1.2.3",
            )
            if let host = setup.host { _ = configuration.listen(on: host) }
            let addresses = Addresses()
            let server = try await ControlServer.start(
                services: ServerServices(
                    directory: directory,
                    supervisor: supervision,
                    isFree: { _ in true },
                    proxy: { throw Problem(500, code: "X", "no proxy") },
                    runner: setup.runner,
                    detect: { ProjectDetection.detect(directory: $0, files: .directory($0)) },
                    examine: { throw Problem(500, code: "X", "not examined") },
                    holders: { HeldPort(of: $0, listeners: [], list: []) },
                    end: { _ in PortEnding(wasForced: false) },
                    replay: { _ in throw TrafficFailure.absent },
                    environment: [:],
                    hostname: "test",
                    version: "1.2.3",
                ),
                configuration: configuration,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                whenChanged: { addresses.add($0) },
            )
            do {
                try await body(directory, server, addresses)
            } catch {
                await server.stop()
                throw error
            }
            await server.stop()
        }
    }

    private func reload(_ directory: StateDirectory, _ address: ServerAddress) async throws {
        let token = try #require(try APIToken.read(from: directory))
        let answer = try await RawHTTP.exchange(
            """
            POST /api/certificate/reload HTTP/1.1\r
            Host: localhost\r
            Authorization: Bearer \(token.text)\r
            Content-Type: application/json\r
            Content-Length: 2\r
            Connection: close\r
            \r
            {}
            """,
            .socket(address.socket),
        )
        #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer)")
    }

    private func get(_ path: String, _ place: RawHTTP.Place) async throws -> String {
        try await RawHTTP.exchange(
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            place,
        )
    }

    @Test func `both loopback families and the socket answer`() async throws {
        try await withServer { _, _, addresses in
            let address = try #require(addresses.last)
            let port = address.exposure.port
            #expect(address.plainPort == port)
            for place in [
                RawHTTP.Place.port(port, "127.0.0.1"), .port(port, "::1"), .socket(address.socket),
            ] {
                let answer = try await get("/api/health", place)
                #expect(answer.hasPrefix("HTTP/1.1 200 OK"), "\(answer)")
                #expect(answer.contains(#""scheme":"http""#))
            }
        }
    }

    @Test func `a certificate makes it HTTPS with a plain mirror, and back`() async throws {
        try await withServer { directory, _, addresses in
            let before = try #require(addresses.last)
            let port = before.exposure.port
            try await TestCertificates.issue(in: directory)
            try await reload(directory, before)
            let after = try #require(addresses.last)
            #expect(after.exposure.isSecure)
            #expect(after.exposure.port == port)
            #expect(after.exposure.mirror == after.plainPort)
            let mirror = try await get("/api/health", .port(after.plainPort, "127.0.0.1"))
            #expect(mirror.hasPrefix("HTTP/1.1 200 OK"), "\(mirror)")
            // Plain HTTP on the port itself is sent on.
            let plain = try await get("/api/health", .port(port, "127.0.0.1"))
            #expect(plain.contains("location: https://localhost:\(port)/api/health"), "\(plain)")
            let folder = ServerCertificateFolder(directory: directory)
            try FileRemoval.remove(folder.certificate, folder.key)
            try await reload(directory, after)
            #expect(addresses.last?.exposure.isSecure == false)
            let again = try await get("/api/health", .port(port, "127.0.0.1"))
            #expect(again.hasPrefix("HTTP/1.1 200 OK"), "\(again)")
        }
    }

    @Test func `a mirror that can't be had is a warning, and names keep a way in`() async throws {
        let taken = try TestPort.hold()
        defer { taken.release() }
        try await withServer(Setup(mirrorPort: taken.port, hasCertificate: true)) {
            _,
            _,
            addresses in
            let address = try #require(addresses.last)
            #expect(address.exposure.isSecure)
            #expect(address.exposure.mirror == nil)
            #expect(address.exposure.warnings.contains { $0.contains("\(taken.port)") })
            let answer = try await get("/api/health", .port(address.plainPort, "127.0.0.1"))
            #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
        }
    }

    @Test func `a broken pair is served as HTTP, and said`() async throws {
        try await withServer(Setup(brokenCertificate: "broken")) { _, _, addresses in
            let address = try #require(addresses.last)
            #expect(!address.exposure.isSecure)
            #expect(address.exposure.warnings.count == 1)
            let answer = try await get(
                "/api/network-exposure/status",
                .port(address.plainPort, "::1"),
            )
            #expect(answer.contains("The server speaks HTTP."))
        }
    }

    @Test func `beyond loopback there is no HTTP`() async throws {
        await #expect(throws: ServerFailure.exposedWithoutCertificate("0.0.0.0")) {
            try await withServer(Setup(host: "0.0.0.0")) { _, _, _ in
                Issue.record("it must not start")
            }
        }
    }

    @Test func `a port that is taken is named`() async throws {
        let taken = try TestPort.hold()
        defer { taken.release() }
        await #expect {
            try await withServer(Setup(port: taken.port)) { _, _, _ in }
        } throws: { error in
            (error as? ServerFailure)?.isPortTaken == true
                && "\(error)".contains("PORTLESS_API_PORT")
        }
    }

    @Test func `a stopped server leaves no socket, and its streams end`() async throws {
        try await withServer { _, server, addresses in
            let address = try #require(addresses.last)
            let text = try await RawHTTP.exchange(
                "GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n",
                .port(address.exposure.port, "127.0.0.1"),
                whenSeen: "event: connected",
            ) { await server.stop() }
            #expect(
                text.contains("content-type: text/event-stream") || text.contains("Content-Type")
            )
            await #expect(throws: (any Error).self) {
                try await get("/api/health", .socket(address.socket))
            }
        }
    }

    @Test func `who doesn't read events is cut off, and the others are not`() async throws {
        var big = try SupervisedApp.make("big", [.online])
        big.problem = String(repeating: "x", count: 200_000)
        let event = SupervisorEvent.app(big)
        let count = 60
        try await withServer { _, _, addresses in
            let port = try #require(addresses.last).exposure.port
            let (supervision, request) = (
                supervision, "GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n",
            )
            // Reads nothing while the other one gets everything, and then what it still can.
            let left = try await RawHTTP.exchange(
                request,
                .port(port, "127.0.0.1"),
                whenSeen: "event: connected",
            ) {
                let all = try await RawHTTP.exchange(
                    request,
                    .port(port, "127.0.0.1"),
                    until: (0..<count).map { "number-\($0)" },
                ) { index in
                    guard index < count else { return }
                    supervision.tell(event)
                    supervision.tell(.removed(try AppName(parsing: "number-\(index)")))
                }
                #expect(all.utf8.count > count * 200_000)
            }
            #expect(left.utf8.count < count * 200_000)
        }
    }
}
