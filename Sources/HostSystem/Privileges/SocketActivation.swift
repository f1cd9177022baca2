import SystemPackage

/// Listening sockets handed over by whoever started the program, as systemd does it
/// (sd_listen_fds(3)): `LISTEN_FDS` of them, from descriptor 3 up, for the process `LISTEN_PID`.
package enum SocketActivation {
    package static let variables = ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"]

    /// The sockets meant for the process `pid`; none if they are meant for another one, such as a
    /// parent that didn't clear its environment.
    package static func sockets(
        environment: [String: String],
        pid: Int32 = ProcessIdentity.current.pid,
    ) -> [ActivatedSocket] {
        guard environment["LISTEN_PID"].flatMap({ Int32($0) }) == pid,
            let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), (1...1024).contains(count)
        else { return [] }
        let names =
            environment["LISTEN_FDNAMES"]?
            .split(separator: ":", omittingEmptySubsequences: false)
            .map { String($0) } ?? []
        return (0..<Int(count)).map { index in
            ActivatedSocket(
                descriptor: FileDescriptor(rawValue: 3 + Int32(index)),
                name: index < names.count ? names[index] : nil,
            )
        }
    }

    /// `environment` for a process that isn't meant to take such sockets.
    package static func removed(from environment: [String: String]) -> [String: String] {
        environment.filter { !variables.contains($0.key) }
    }
}
