import HostSystem
import NIOCore
import NIOHTTP1
import PortlessCore
import SystemPackage

/// Asks the engine that runs containers, by the API that Docker and Podman share.
///
/// It reads two things and changes nothing: the list of running containers, and the events that say
/// when the list is another one. Paths without a version are answered by every version since 1.24.
struct EngineClient: Sendable {
    /// Ten thousand containers with many labels take less.
    private static let longestList = 64 << 20
    private static let mostContainers = 20_000
    private static let listLimit = TimeAmount.seconds(10)
    private static let longestEvent = 64 << 10
    /// `died` and `remove` are Podman's words.
    private static let events: Set<String> = [
        "start", "die", "died", "destroy", "remove", "rename", "pause", "unpause", "update",
    ]

    let endpoint: EngineEndpoint

    func containers() async throws -> [Container] {
        try await list("/containers/json").compactMap(Container.init)
    }

    /// This machine's address on the network that containers have by default; nil where there is none.
    func bridge() async throws -> IPAddress? {
        let networks = try await list("/networks")
        let usual = ["bridge", "podman"].lazy.compactMap { name in
            networks.first { $0["Name"]?.string == name && $0["Driver"]?.string == "bridge" }
        }
        let addresses = (usual.first?["IPAM"]?["Config"]?.array ?? []).compactMap { pool in
            pool["Gateway"]?.string.flatMap { IPAddress($0) }
        }
        return addresses.first { !$0.isIPv6 && !$0.isAny && !$0.isLoopback }
    }

    private func list(_ path: String) async throws -> [JSONValue] {
        var bytes: [UInt8] = []
        try await request(path, limit: Self.listLimit).exchange { part in
            switch part {
            case .head(let head): try Self.check(head)
            case .body(let buffer):
                guard bytes.count + buffer.readableBytes <= Self.longestList else {
                    throw EngineFailure.unreadable
                }
                bytes += buffer.readableBytesView
            case .end: break
            }
            return true
        }
        guard let list = JSONElements.of(bytes, limit: Self.mostContainers) else {
            throw EngineFailure.unreadable
        }
        return list
    }

    /// Calls `changed` once the engine tells of events, and at each one; returns when it tells no more.
    func follow(_ changed: @Sendable () -> Void) async throws {
        var lines = LineSplitter(longest: Self.longestEvent)
        try await request(Self.eventsPath, limit: nil).exchange { part in
            switch part {
            case .head(let head):
                try Self.check(head)
                changed()
            case .body(let buffer):
                var isRelevant = false
                buffer.withUnsafeReadableBytes { bytes in
                    lines.append(bytes) { line in isRelevant = Self.isRelevant(line) || isRelevant }
                }
                if isRelevant { changed() }
            case .end: break
            }
            return true
        }
    }

    private static let eventsPath: String = {
        let words = events.sorted().map { JSONValue.string($0) }
        let filters = JSONValue.object([
            "type": .array([.string("container")]), "event": .array(words),
        ])
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~".utf8)
        let encoded = filters.compact.utf8.map { byte in
            allowed.contains(byte)
                ? String(UnicodeScalar(byte)) : "%" + [byte].hexadecimal.uppercased()
        }
        return "/events?filters=" + encoded.joined()
    }()

    /// Whether an event may change the list; versions and engines write its name in different places.
    private static func isRelevant(_ line: UnsafeRawBufferPointer) -> Bool {
        guard let event = try? JSONValue(parsing: line),
            event["Type"]?.string ?? "container" == "container"
        else { return false }
        let name =
            event["Action"]?.string ?? event["status"]?.string
            ?? event["Status"]?.string ?? ""
        return events.contains(name)
    }

    private static func check(_ head: HTTPResponseHead) throws {
        guard head.status == .ok else { throw EngineFailure.refused(Int(head.status.code)) }
    }

    private func request(_ path: String, limit: TimeAmount?) -> LocalRequest {
        var request = LocalRequest(server: .socket(endpoint.socket))
        request.host = "docker"
        request.path = path
        request.limit = limit
        return request
    }
}

/// Why the engine doesn't tell of its containers.
enum EngineFailure: Error, Equatable, CustomStringConvertible {
    case absent(String)
    case refused(Int)
    case unreadable
    case ended

    var description: String {
        switch self {
        case .absent(let reason): reason
        case .refused(let status): "The engine answers with \(status)."
        case .unreadable: "The engine's answer can't be understood."
        case .ended: "The engine tells of no more events."
        }
    }
}

extension EngineSearch {
    /// Looks on this machine.
    static func live(environment: [String: String], host: String? = nil) -> EngineSearch {
        var environment = environment
        if let host, environment["DOCKER_HOST", default: ""].isEmpty {
            environment["DOCKER_HOST"] = host
        }
        return EngineSearch(
            environment: environment,
            home: environment["HOME"]?.nilIfEmpty.map { .init($0) },
            isUsable: { FileSystem.isConnectable($0) },
            read: { try? AtomicFile.read($0) },
        )
    }
}
