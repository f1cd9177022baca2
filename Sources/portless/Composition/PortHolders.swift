import HostSystem
import PortlessCore

/// Who listens on a port, in words for a message.
enum PortHolders {
    /// Such as `node (812)`; nil where the system doesn't tell us.
    static func description(of port: Port) -> String? {
        guard let sockets = try? ListeningSockets.on(port: port.rawValue) else { return nil }
        let processes = Set(ListeningSockets.holders(of: sockets).values.joined())
        let names = processes.sorted().map { pid in
            "\(ProcessDetails.name(of: pid) ?? "process") (\(pid))"
        }
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }
}
