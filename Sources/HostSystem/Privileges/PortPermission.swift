import SystemPackage

/// Whether this process may listen on a port.
package enum PortPermission {
    /// Whether the system forbids it; a port that is merely taken isn't denied.
    package static func isDenied(_ port: UInt16) -> Bool {
        do {
            try LoopbackListeners.bind(.loopbackIPv4, port: port).close()
            return false
        } catch {
            let errno = (error as? SystemError)?.errno
            return errno == .permissionDenied || errno == .notPermitted
        }
    }
}
