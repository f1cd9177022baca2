import HostSystem
package import SystemPackage

/// What is shared, in `shares.json`: written before a service is asked for anything, so that what a
/// crash leaves is known.
///
/// `routes.json` can't be the place: every change of it drops the entries of dead runs, by us and
/// by the npm original.
package struct SharesStore: Sendable {
    package enum Failure: Error, Hashable, CustomStringConvertible {
        case unreadable(FilePath, reason: String)
        /// Another share has the port of this machine's Tailscale.
        case portTaken(Port)

        package var description: String {
            switch self {
            case .unreadable(let path, let reason):
                """
                The shares in \(path) can't be understood: \(reason). \
                See with `tailscale serve status` what is still shared, then delete the file.
                """
            case .portTaken(let port):
                "Another app is being shared on Tailscale's port \(port)."
            }
        }
    }

    /// More than anyone shares at a time.
    private static let limit = 1000

    package let directory: StateDirectory

    package init(directory: StateDirectory) {
        self.directory = directory
    }

    package func list() throws -> [ShareRecord] {
        guard let text = try directory.text(of: .shares) else { return [] }
        let path = directory[.shares]
        do {
            guard let list = try JSONValue(parsing: text.utf8).array, list.count <= Self.limit
            else {
                throw Failure.unreadable(path, reason: "it has to be a list")
            }
            return list.compactMap(ShareRecord.init)
        } catch let error as JSONSyntaxError {
            throw Failure.unreadable(path, reason: error.reason)
        }
    }

    /// The shares whose holders live.
    package func live() throws -> [ShareRecord] {
        try list().filter(\.holder.isAlive)
    }

    /// The shares that a crash has left.
    package func left() throws -> [ShareRecord] {
        try list().filter { !$0.holder.isAlive }
    }

    /// Stores a share, in place of what was known of it before.
    package func put(_ record: ShareRecord) throws {
        try change { records in
            records.removeAll { $0.isSameShare(as: record) }
            if let port = record.httpsPort, records.contains(where: { $0.httpsPort == port }) {
                throw Failure.portTaken(port)
            }
            records.append(record)
        }
    }

    package func remove(_ record: ShareRecord) throws {
        try change { $0.removeAll { $0.isSameShare(as: record) } }
    }

    private func change(_ body: (inout [ShareRecord]) throws -> Void) throws {
        try FileLock.withLock(at: directory[.sharesLock], owner: directory.owner) {
            let before = try list()
            var records = before
            try body(&records)
            guard records != before else { return }
            let text = JSONValue.array(records.map(\.json)).formatted + "\n"
            try directory.write(text, to: directory[.shares])
        }
    }
}
