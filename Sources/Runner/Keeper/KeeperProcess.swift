import HostSystem
package import SystemPackage

/// Starts keepers in processes of their own.
package struct KeeperProcess: Sendable {
    /// This program's file.
    package var executable: FilePath
    /// What leads it to `Keeper.run`; the app's folder follows.
    package var arguments: [String]
    package var environment: [String: String]

    package init(executable: FilePath, arguments: [String], environment: [String: String]) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
    }

    /// Starts a keeper and waits until it can be asked, or has said why it can't.
    ///
    /// A folder that has a keeper already keeps it.
    package func launch(_ folder: KeeperFolder) throws {
        try folder.create()
        let pipe = try Pipe()
        defer { try? pipe.reading.close() }
        var daemon = Daemon(
            executable: executable,
            arguments: arguments + [folder.path.string],
            environment: environment,
            log: folder.keeperLog,
        )
        daemon.name = "portless"
        // It keeps no folder busy, and all its paths are absolute.
        daemon.workingDirectory = "/"
        daemon.passedDescriptors = [pipe.writing]
        let child: ChildProcess
        do {
            child = try daemon.spawn()
        } catch {
            try? pipe.writing.close()
            throw error
        }
        try? pipe.writing.close()
        let isReady = Self.readByte(pipe.reading)
        KeeperChildren.shared.add(child)
        guard isReady else { throw KeeperLaunchError(log: folder.keeperLog) }
    }

    /// Tells the launcher, through descriptor 3, that the keeper can be asked.
    package static func sayReady() {
        let pipe = FileDescriptor(rawValue: 3)
        _ = try? pipe.writeAll([1])
        try? pipe.close()
    }

    /// False at the end of the pipe: nobody holds the other end any more.
    private static func readByte(_ descriptor: FileDescriptor) -> Bool {
        var byte: UInt8 = 0
        let count = try? withUnsafeMutableBytes(of: &byte) { try descriptor.read(into: $0) }
        return count == 1
    }
}
