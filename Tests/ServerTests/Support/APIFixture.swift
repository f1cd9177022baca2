import HTTPTypes
import HostSystem
import Hummingbird
import HummingbirdCore
import Logging
import Machine
import NIOCore
import NIOEmbedded
import Projects
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import PortlessCore
@testable import Server

/// All of the API without a socket: requests go to the router as they are.
struct APIFixture {
    struct Answer {
        let status: Int
        let headers: HTTPFields
        let text: String

        var json: JSONValue { (try? JSONValue(parsing: text.utf8)) ?? .null }
        var code: String? { json["code"]?.string }
    }

    static let token = APIToken(String(repeating: "ab", count: 32))

    let directory: StateDirectory
    let supervision: FakeSupervision
    let streams = OpenStreams()
    let crashes: CrashWatcher
    /// The threads of operations, which use files.
    let work: BlockingWork
    let router: APIRouter
    private let responder: RouterResponder<APIContext>

    static func with(
        _ apps: [SupervisedApp] = [],
        isExposed: Bool = false,
        busyPorts: Set<Port> = [],
        held: HeldPort? = nil,
        runner: any CommandRunner = NoPrograms(),
        replay: @escaping @Sendable (ReplayRequest) async throws -> ReplayAnswer = { _ in
            throw TrafficFailure.absent
        },
        _ body: (APIFixture) async throws -> Void,
    ) async throws {
        try await TemporaryDirectory.with { path in
            try await body(
                APIFixture(
                    path,
                    apps,
                    isExposed: isExposed,
                    busyPorts: busyPorts,
                    held: held,
                    runner: runner,
                    replay: replay,
                )
            )
        }
    }

    private init(
        _ path: FilePath,
        _ apps: [SupervisedApp],
        isExposed: Bool,
        busyPorts: Set<Port>,
        held: HeldPort?,
        runner: any CommandRunner,
        replay: @escaping @Sendable (ReplayRequest) async throws -> ReplayAnswer,
    ) throws {
        let directory = StateDirectory(path: path)
        self.directory = directory
        supervision = FakeSupervision(apps)
        let sessions = Sessions(token: Self.token) { Timestamp(seconds: 1_000_000) }
        let exposure = Exposure(host: isExposed ? "0.0.0.0" : "127.0.0.1", port: 5555)
        let services = ServerServices(
            directory: directory,
            supervisor: supervision,
            isFree: { !busyPorts.contains($0) },
            proxy: {
                ProxyDescription(
                    stateDirectory: directory,
                    isRunning: true,
                    port: 1355,
                    usesTLS: true,
                    tlds: [.localhost],
                )
            },
            runner: runner,
            detect: { ProjectDetection.detect(directory: $0, files: .directory($0)) },
            examine: { throw Problem(500, code: "X", "not examined") },
            holders: { held ?? HeldPort(of: $0, listeners: [], list: []) },
            end: { _ in PortEnding(wasForced: false) },
            replay: replay,
            environment: [:],
            hostname: "test-machine",
            version: "1.2.3",
        )
        work = services.requests
        let features = FeatureListeners(
            directory: directory,
            configuration: ServerConfiguration(
                port: nil,
                mirrorPort: 5553,
                names: [],
                version: "1.2.3",
            ),
            logger: Logger(label: "test"),
        )
        crashes = CrashWatcher(services: services, streams: streams, features: features)
        router = APIRouter(
            services: services,
            streams: streams,
            sessions: sessions,
            crashes: crashes,
            onRequest: OnRequestService(services: services),
            exposure: { exposure },
            reload: {},
            policy: {
                AccessPolicy(
                    hosts: HostAllowlist(names: ["portless.localhost"]),
                    isExposed: isExposed,
                    token: Self.token,
                    sessions: sessions,
                )
            },
            features: features,
        )
        responder = router.responder
    }

    func get(_ path: String, _ headers: HTTPFields = [:]) async throws -> Answer {
        try await ask(.get, path, headers)
    }

    func post(_ path: String, _ body: String = "{}") async throws -> Answer {
        try await change(.post, path, body)
    }

    /// A change with the token and JSON, as it should be.
    func change(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: String = "{}",
    ) async throws -> Answer {
        try await ask(
            method,
            path,
            [.authorization: "Bearer \(Self.token.text)", .contentType: "application/json"],
            body,
        )
    }

    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ headers: HTTPFields = [:],
        _ body: String = "",
        authority: String = "localhost:5555",
    ) async throws -> Answer {
        let response = try await respond(method, path, headers, body, authority)
        let writer = Collector()
        if method != .head { try await response.body.write(writer) }
        return Answer(
            status: response.status.code,
            headers: response.headers,
            text: writer.text,
        )
    }

    /// The chunks of a stream, which goes on.
    func follow(_ path: String, _ headers: HTTPFields = [:]) async throws -> Collector {
        let response = try await respond(.get, path, headers, "", "localhost")
        #expect(response.headers[.contentType] == "text/event-stream")
        let collector = Collector()
        Task { try await response.body.write(collector) }
        return collector
    }

    private func respond(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ headers: HTTPFields,
        _ body: String,
        _ authority: String,
    ) async throws -> Response {
        var request = HTTPRequest(
            method: method,
            scheme: "http",
            authority: authority,
            path: path,
        )
        request.headerFields = headers
        return try await responder.respond(
            to: Request(head: request, body: RequestBody(buffer: ByteBuffer(string: body))),
            context: APIContext(
                source: ApplicationRequestContextSource(
                    channel: NIOAsyncTestingChannel(),
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                )
            ),
        )
    }

    /// Keeps what a response's body writes.
    final class Collector: ResponseBodyWriter, Sendable {
        private let bytes = Mutex(ByteBuffer())

        var text: String { bytes.withLock { String(buffer: $0) } }

        func write(_ buffer: ByteBuffer) { bytes.withLock { _ = $0.writeImmutableBuffer(buffer) } }
        func finish(_ trailingHeaders: HTTPFields?) {}

        /// Waits until the text is there; the suite's time limit ends it otherwise.
        func contains(_ text: String) async throws {
            while !self.text.contains(text) { try await Task.sleep(for: .milliseconds(5)) }
        }
    }
}

extension SupervisedApp {
    /// An app with one process for each state.
    static func make(
        _ name: String,
        _ states: [ProcessState],
        directory: FilePath = "/projects/shop",
    ) throws -> SupervisedApp {
        SupervisedApp(
            name: try AppName(parsing: name),
            directory: directory,
            processes: states.enumerated().map { index, state in
                SupervisedProcess(name: "p\(index)", state: state)
            },
        )
    }
}
