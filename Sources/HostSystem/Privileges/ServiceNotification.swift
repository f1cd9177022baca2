import CHostSystem

/// What this process tells the service manager that has started it (sd_notify(3)).
package enum ServiceNotification {
    package static let variable = "NOTIFY_SOCKET"

    /// Whether a manager waits to be told that this process serves.
    package static func isExpected(_ environment: [String: String]) -> Bool {
        environment[variable]?.isEmpty == false
    }

    /// Tells the manager that this process serves from now on; nothing where none waits.
    package static func ready(_ environment: [String: String]) {
        guard let path = environment[variable], !path.isEmpty else { return }
        _ = chs_send_datagram(path, "READY=1")
    }
}
