import CHostSystem
import CLibrary
package import SystemPackage

/// Listening sockets that the process gets from its parent, as systemd hands them over
/// (sd_listen_fds(3)): `LISTEN_FDS` of them, from descriptor 3 up, for the process `LISTEN_PID`.
package enum SocketActivation {
    package static let variables = ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"]

    /// The sockets for the process `pid`; none if they are for another one, such as a parent that
    /// didn't clear its environment.
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

    /// `environment` for a process that doesn't get such sockets.
    package static func removed(from environment: [String: String]) -> [String: String] {
        environment.filter { !variables.contains($0.key) }
    }
}

extension SocketActivation {
    /// The sockets that launchd opened for this job under `names` (launch_activate_socket(3)).
    ///
    /// launchd hands each over once in the life of the process. Empty outside a launchd job.
    package static func checkedIn(_ names: [String]) -> [ActivatedSocket] {
        #if canImport(Darwin)
        names.flatMap { name -> [ActivatedSocket] in
            var descriptors = [Int32](repeating: -1, count: 16)
            var count = 0
            guard chs_launchd_sockets(name, &descriptors, descriptors.count, &count) == 0
            else { return [] }
            return descriptors.prefix(count).map {
                ActivatedSocket(descriptor: FileDescriptor(rawValue: $0), name: name)
            }
        }
        #else
        []
        #endif
    }
}

/// One of these sockets.
package struct ActivatedSocket: Hashable, Sendable {
    package let descriptor: FileDescriptor
    /// The name that the parent gave it, if any.
    package let name: String?

    package init(descriptor: FileDescriptor, name: String? = nil) {
        self.descriptor = descriptor
        self.name = name
    }

    /// Makes children not inherit the socket; it arrives without that flag.
    package func closeOnExec() {
        _ = fcntl(descriptor.rawValue, F_SETFD, FD_CLOEXEC)
    }
}
