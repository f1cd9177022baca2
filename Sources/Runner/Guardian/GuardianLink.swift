package import HostSystem
package import SystemPackage

/// The command's end of the pipe to its guardian.
package struct GuardianLink: Sendable {
    package let process: ChildProcess
    private let writing: FileDescriptor

    init(process: ChildProcess, writing: FileDescriptor) {
        self.process = process
        self.writing = writing
    }

    /// What a child writes its own PID to before it runs.
    package var announcement: FileDescriptor { writing }

    /// Tells that a child and its group have ended: its PID may be somebody else's from now on.
    package func forget(_ child: ChildProcess) {
        send(-child.pid)
    }

    /// Sends the guardian home: nothing is left to be guarded.
    ///
    /// The link is dead afterwards.
    package func finish() {
        send(GuardianWatch.finished)
        try? writing.close()
    }

    /// A guardian that is gone already can't be told, and needn't be.
    private func send(_ message: Int32) {
        _ = try? withUnsafeBytes(of: message) { try writing.write($0) }
    }
}
