import NIOCore
import NIOPosix
import PortlessCore

/// Finds out whether an app could listen on a port, on either loopback address.
enum FreePort {
    static func isFree(_ port: Port) -> Bool {
        // Linux refuses the address of all families if either family's loopback has the port;
        // macOS doesn't, so each is tried by itself.
        ["127.0.0.1", "::1", "0.0.0.0", "::"].allSatisfy { canListen(on: $0, port) }
    }

    private static func canListen(on host: String, _ port: Port) -> Bool {
        do {
            let channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                // As servers do: connections that have ended a minute ago are in nobody's way.
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: host, port: port.number)
                .wait()
            try channel.close().wait()
            return true
        } catch let error as IOError {
            return BindFailure(error, port: port).isUnknownFamily
        } catch {
            return false
        }
    }
}
