import CLibrary
package import HostSystem
import SystemPackage

/// A terminal as a person sees it, with an interactive shell in it.
package final class PseudoTerminal {
    package let shell: ChildProcess
    private let screen: FileDescriptor
    /// All that was shown and not yet awaited.
    private var pending: [UInt8] = []

    package struct Closed: Error {
        /// What was shown instead of what was awaited.
        package let shown: String
    }

    /// Starts `bash` with job control; `environment` is added to a small one.
    package init(environment: [String: String] = [:]) throws {
        var master: Int32 = -1
        var slave: Int32 = -1
        var name = [CChar](repeating: 0, count: 128)
        guard openpty(&master, &slave, &name, nil, nil) == 0 else { throw Errno(rawValue: errno) }
        _ = fcntl(master, F_SETFD, FD_CLOEXEC)
        _ = fcntl(slave, F_SETFD, FD_CLOEXEC)
        // Until the shell has it open, so that reading does not find it closed.
        defer { _ = systemClose(slave) }
        screen = FileDescriptor(rawValue: master)
        let path = String(decoding: name.prefix { $0 != 0 }.map { UInt8($0) }, as: UTF8.self)
        // A session leader without a terminal that opens one gets it as its own.
        var spawn = Spawn(
            executable: "/bin/sh",
            arguments: [
                "-c", "exec bash --norc --noprofile -i <\(path) >\(path) 2>&1",
            ],
            environment: [
                "PATH": "/usr/local/bin:/usr/bin:/bin", "PS1": "$ ", "TERM": "dumb",
                "BASH_SILENCE_DEPRECATION_WARNING": "1",
            ].merging(environment) { $1 },
        )
        spawn.group = .ownSession
        shell = try spawn.start()
        try expect("$ ")
        // Without the echo all that is shown comes from programs.
        try type("stty -echo\n")
        try expect("$ ")
    }

    /// Ends the shell as a closed window does.
    package func close() {
        try? screen.close()
        _ = try? shell.wait()
    }

    /// The process group that what is typed goes to.
    package var foregroundGroup: Int32 {
        tcgetpgrp(screen.rawValue)
    }

    package func type(_ text: String) throws {
        try screen.writeAll(text.utf8)
    }

    /// Runs a command line and waits for the shell to ask for the next one.
    @discardableResult
    package func run(_ line: String) throws -> String {
        try type(line + "\n")
        return try expect("$ ")
    }

    /// Waits until `text` is shown; what was shown before it since the last wait.
    @discardableResult
    package func expect(_ text: String) throws -> String {
        let wanted = Array(text.utf8)
        while true {
            if let range = pending.firstRange(of: wanted) {
                let before = String(decoding: pending[..<range.lowerBound], as: UTF8.self)
                pending.removeSubrange(..<range.upperBound)
                return before
            }
            var buffer = [UInt8](repeating: 0, count: 4096)
            // Linux answers EIO once the last program has closed its side.
            let count = (try? buffer.withUnsafeMutableBytes { try screen.read(into: $0) }) ?? 0
            guard count > 0 else { throw Closed(shown: String(decoding: pending, as: UTF8.self)) }
            pending += buffer[..<count]
        }
    }
}

extension PseudoTerminal {
    package static let controlC = "\u{3}"
    package static let controlD = "\u{4}"
    package static let controlZ = "\u{1A}"
}

private func systemClose(_ descriptor: Int32) -> Int32 {
    close(descriptor)
}
