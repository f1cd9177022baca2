import CLibrary
import HostSystem
package import PortlessCore
package import SystemPackage

/// The block of one state directory in this machine's hosts file.
package struct HostsFile: Sendable {
    private let path: FilePath
    private let block: HostsBlock

    package init(path: FilePath, block: HostsBlock) {
        self.path = path
        self.block = block
    }

    /// `PORTLESS_HOSTS_FILE`, else the system's.
    package static func path(environment: [String: String]) -> FilePath {
        guard let path = environment["PORTLESS_HOSTS_FILE"], !path.isEmpty else {
            return "/etc/hosts"
        }
        return FilePath(path)
    }

    /// Makes the block hold exactly these names; a file that has them is not written.
    package func install(_ names: [Hostname]) throws(HostsError) {
        try edit(remedy: Self.sync) { text in
            block.applied(to: Self.withoutAbandoned(text), names: names)
        }
    }

    package func uninstall() throws(HostsError) {
        try edit(remedy: "sudo portless hosts clean") { text in
            block.applied(to: Self.withoutAbandoned(text), names: [])
        }
    }

    private static let sync = "sudo portless hosts sync"

    private static func withoutAbandoned(_ text: String) -> String {
        HostsBlock.removingAbandoned(from: text) { directory in
            do {
                return try FileStatus.of(directory) == nil
            } catch {
                // A directory that this user can't see may be another user's.
                return false
            }
        }
    }

    private func edit(
        remedy: String,
        _ change: (String) -> String,
    ) throws(HostsError) {
        // Reading needs no permission, and usually nothing has to change.
        let isChanged = try withFile(.readOnly, remedy: remedy) { file throws(Errno) in
            let text = try Self.read(file)
            return change(text) != text
        }
        guard isChanged else { return }
        try withFile(.readWrite, remedy: remedy) { file throws(Errno) in
            guard flock(file.rawValue, LOCK_EX) == 0 else { throw Errno(rawValue: errno) }
            let text = try Self.read(file)
            let new = change(text)
            guard new != text else { return }
            try Self.write(new, to: file)
            guard try Self.read(file) == new else { throw .ioError }
        }
    }

    // In place: the file may be a bind mount (in containers) or a link, has an owner, a mode and
    // labels to keep. First the new bytes, then the new length, so that it is never empty.
    private static func write(_ text: String, to file: FileDescriptor) throws(Errno) {
        do {
            let bytes = Array(text.utf8)
            try file.writeAll(toAbsoluteOffset: 0, bytes)
            try file.resize(to: Int64(bytes.count))
        } catch {
            throw error as? Errno ?? .ioError
        }
        guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }

    private static func read(_ file: FileDescriptor) throws(Errno) -> String {
        var content: [UInt8] = []
        do {
            var buffer = [UInt8](repeating: 0, count: 16_384)
            while true {
                let count = try buffer.withUnsafeMutableBytes { bytes in
                    try file.read(fromAbsoluteOffset: Int64(content.count), into: bytes)
                }
                if count == 0 { break }
                content += buffer[..<count]
            }
        } catch {
            throw error as? Errno ?? .ioError
        }
        // Bytes that aren't UTF-8 would be changed by writing them back.
        guard let text = String(validating: content, as: UTF8.self) else {
            throw .illegalByteSequence
        }
        return text
    }

    private func withFile<Result>(
        _ mode: FileDescriptor.AccessMode,
        remedy: String,
        _ body: (FileDescriptor) throws(Errno) -> Result,
    ) throws(HostsError) -> Result {
        do {
            let file = try Privileges.asRoot {
                try FileDescriptor.open(path, mode, options: [.closeOnExec])
            }
            defer { try? file.close() }
            return try body(file)
        } catch {
            throw HostsError(path: path, error as? Errno ?? .ioError, remedy: remedy)
        }
    }
}

/// A hosts file that can't be updated, and the command that can do it.
package struct HostsError: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: FilePath
    package let reason: String
    /// Whether root could do it.
    package let needsRoot: Bool
    private let remedy: String

    init(path: FilePath, _ error: Errno, remedy: String) {
        self.path = path
        reason = "\(error)"
        needsRoot = error == .permissionDenied || error == .notPermitted
        self.remedy = remedy
    }

    package var description: String {
        let advice = needsRoot ? " Run `\(remedy)`." : " Check the file, then run `\(remedy)`."
        return "Can't write \(path) (\(reason)).\(advice)"
    }
}
