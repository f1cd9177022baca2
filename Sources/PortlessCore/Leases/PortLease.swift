import HostSystem
package import SystemPackage

/// The contiguous block of ports that an app owns, whether it runs or not.
package struct PortLease: Hashable, Sendable {
    package var app: AppName
    /// In the order of their numbers, without a gap.
    package var ports: [LeasedPort]
    /// The linked worktree that has them; nil for other folders, and where it isn't known.
    package var worktree: Worktree?

    /// A linked git worktree, which can be told to be gone as long as its repository is there.
    package struct Worktree: Hashable, Sendable {
        package var folder: FilePath
        /// The folder that all worktrees share.
        package var repository: FilePath

        package init(folder: FilePath, repository: FilePath) {
            self.folder = folder
            self.repository = repository
        }

        /// Nil in the main worktree and outside of repositories.
        package init?(of folder: FilePath) {
            guard let root = GitRepository.root(above: folder),
                let checkout = GitRepository.checkout(of: root), checkout.worktree != nil
            else { return nil }
            self.init(folder: root, repository: checkout.repository)
        }

        /// Whether its folder was removed; false where the whole repository is out of reach.
        package var isGone: Bool {
            func isThere(_ path: FilePath) -> Bool? {
                do { return try FileStatus.of(path) != nil } catch { return nil }
            }
            return isThere(folder) == false && isThere(repository) == true
        }
    }

    /// Nil without a port or with a gap between ports.
    package init?(app: AppName, ports: [LeasedPort]) {
        let sorted = ports.sorted { $0.port < $1.port }
        let isContiguous = zip(sorted, sorted.dropFirst()).allSatisfy { pair in
            pair.0.port.number + 1 == pair.1.port.number
        }
        guard !sorted.isEmpty, isContiguous else { return nil }
        self.app = app
        self.ports = sorted
    }

    package var range: PortRange? {
        guard let first = ports.first, let last = ports.last else { return nil }
        return PortRange(first: first.port, last: last.port)
    }

    package func port(_ label: String) -> Port? {
        ports.first { $0.label.lowercased() == label.lowercased() }?.port
    }

    /// The port that also is `PORT`.
    package var primary: LeasedPort? {
        let label = PortLabels.primary(of: ports.map(\.label))
        return ports.first { $0.label == label }
    }
}

/// One port of a lease and what it is for.
package struct LeasedPort: Hashable, Sendable {
    /// As the user wrote it; labels that differ only in case are the same.
    package var label: String
    package var port: Port
    package var description: String?

    package init(label: String, port: Port, description: String? = nil) {
        self.label = label
        self.port = port
        self.description = description
    }
}

extension PortLease {
    /// The block with its ends and its ports, as `--json` prints it.
    package var json: JSONValue {
        .object([
            "app": .string(app.description),
            "first": range.map { .integer($0.first.number) } ?? .null,
            "last": range.map { .integer($0.last.number) } ?? .null,
            "ports": .array(ports.map(\.json)),
        ])
    }
}

extension LeasedPort {
    package var json: JSONValue {
        var object: JSONObject = ["label": .string(label), "port": .integer(port.number)]
        if let description { object["description"] = .string(description) }
        return .object(object)
    }
}

/// A label that an app wants a port for, as it is written on the command line.
package struct LeaseRequest: Hashable, Sendable {
    package var label: String
    package var description: String?

    package init(label: String, description: String? = nil) throws(LeaseError) {
        guard Label(label) != nil else { throw .invalidLabel(label) }
        guard !PortLabels.isReserved(label) else { throw .reservedLabel(label) }
        self.label = label
        self.description = description.flatMap { $0.trimmingBlanks.isEmpty ? nil : $0 }
    }

    /// Reads `api` or `api:REST API server`.
    package init(parsing text: some StringProtocol) throws(LeaseError) {
        guard let colon = text.firstIndex(of: ":") else {
            try self.init(label: text.trimmingBlanks)
            return
        }
        let description = text[text.index(after: colon)...].trimmingBlanks
        try self.init(label: text[..<colon].trimmingBlanks, description: description)
    }
}
