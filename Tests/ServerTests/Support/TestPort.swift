import HostSystem
import PortlessCore
import SystemPackage

/// Ports for tests, chosen by the system.
struct TestPort {
    let port: Port
    private let sockets: [FileDescriptor]

    /// A port that stays taken, on both loopback families.
    static func hold() throws -> TestPort {
        let bound = try BoundTestSockets()
        return TestPort(port: bound.port, sockets: bound.sockets)
    }

    /// A port that was free a moment ago.
    static func free() throws -> Port {
        let held = try hold()
        held.release()
        return held.port
    }

    func release() {
        for socket in sockets { try? socket.close() }
    }
}

private struct BoundTestSockets {
    let port: Port
    let sockets: [FileDescriptor]

    struct NoPort: Error {}

    init() throws {
        let first = try LoopbackListeners.listen(.loopbackIPv4, port: 0)
        guard let port = Port(rawValue: try BoundSocket.address(of: first).port) else {
            throw NoPort()
        }
        self.port = port
        let second = try? LoopbackListeners.listen(.loopbackIPv6, port: port.rawValue)
        sockets = [first, second].compactMap(\.self)
    }
}

enum FileRemoval {
    static func remove(_ paths: FilePath...) throws {
        for path in paths { try FileSystem.removeFile(path) }
    }
}
