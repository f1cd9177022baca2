package import HostSystem
package import SystemPackage

/// The processes that have to end for a port to be free, and what is known of them.
package struct HeldPort: Sendable {
    package struct Holder: Sendable {
        package var identity: ProcessIdentity
        package var name: String?
        package var command: [String]?
        package var folder: FilePath?

        package init(
            _ identity: ProcessIdentity,
            name: String? = nil,
            command: [String]? = nil,
            folder: FilePath? = nil,
        ) {
            self.identity = identity
            self.name = name
            self.command = command
            self.folder = folder
        }

        /// Such as `node (812)`.
        package var title: String {
            ObservedProcess(pid: identity.pid, command: name).description
        }
    }

    package var port: Port
    package var listeners: [ObservedListener]
    package var list: [Holder]
    /// Why they can't, or mustn't, be ended, with what to do instead; nil if they may be.
    package var refusal: String?

    package init(
        of port: Port,
        listeners: [ObservedListener],
        list: [Holder],
        refusal: String? = nil,
    ) {
        self.port = port
        self.listeners = listeners
        self.list = list
        self.refusal = refusal
    }

    /// Such as `node (812), node (813)`.
    package var titles: String { list.map(\.title).joined(separator: ", ") }
}

/// How the holders of a port ended.
package struct PortEnding: Sendable {
    package var wasForced: Bool
    /// Who listens there now, such as `node (900)`.
    package var successor: String?

    package init(wasForced: Bool, successor: String? = nil) {
        self.wasForced = wasForced
        self.successor = successor
    }
}
