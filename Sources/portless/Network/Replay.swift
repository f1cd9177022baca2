import HostSystem
import NIOCore
import NIOHTTP1
import PortlessCore
import Server

/// Sends a recorded request again, to the proxy's own port on this machine.
struct Replay: Sendable {
    /// An app that computes for longer isn't waited for.
    private static let patience = TimeAmount.seconds(30)

    private let context: CommandContext

    init(_ context: CommandContext) {
        self.context = context
    }

    func send(_ request: ReplayRequest) async throws -> ReplayAnswer {
        let proxy = try context.describeProxy()
        guard proxy.isRunning else { throw TrafficFailure.absent }
        let isSecure = request.scheme == .https && proxy.usesTLS
        var local = LocalRequest(server: .port(Int(proxy.port.rawValue)), host: request.host)
        local.method = HTTPMethod(rawValue: request.method)
        local.path = request.path
        let isStandard = proxy.port == (isSecure ? 443 : 80)
        local.headers.add(
            name: "host",
            value: isStandard ? request.host : "\(request.host):\(proxy.port)",
        )
        for field in request.headers { local.headers.add(name: field.name, value: field.value) }
        if !request.body.isEmpty { local.content = ByteBuffer(bytes: request.body) }
        if isSecure { local.authority = try authority(of: proxy) }
        local.limit = Self.patience
        return try await Self.answer(to: local)
    }

    /// Ours, or, for a certificate that the user has brought along, those of the system.
    private func authority(of proxy: ProxyDescription) throws -> [UInt8] {
        guard !proxy.usesCustomCertificate else { return [] }
        return try AtomicFile.read(proxy.stateDirectory[.caCertificate])
    }

    private static func answer(to request: LocalRequest) async throws -> ReplayAnswer {
        let start = ContinuousClock.now
        var answer = ReplayAnswer(
            status: 0,
            headers: [],
            body: [],
            isBodyCut: false,
            duration: .zero,
        )
        try await request.exchange { part in
            switch part {
            case .head(let head):
                answer.status = Int(head.status.code)
                answer.headers = head.headers.map { .init(name: $0.name, value: $0.value) }
            case .body(let bytes):
                let room = ReplayAnswer.longestBody - answer.body.count
                answer.body += bytes.readableBytesView.prefix(room)
                answer.isBodyCut = bytes.readableBytes > room
            case .end: break
            }
            return !answer.isBodyCut
        }
        answer.duration = start.duration(to: .now)
        return answer
    }
}
