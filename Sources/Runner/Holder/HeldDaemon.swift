package import HostSystem
package import SystemPackage

/// A holder as its daemon sees it; the daemon's standard input is their connection.
package struct HeldDaemon: Sendable {
    /// Makes the daemon finish its connections and end: another one serves on its sockets.
    package static let retireSignal = HolderPolicy.retireSignal

    /// The process that stands for both in the state directory.
    package let holder: ProcessIdentity

    /// Nil where the holder is gone already; `sockets` are those that this process got from it.
    package init?(sockets: [FileDescriptor]) {
        guard let parent = ProcessIdentity.parent else { return nil }
        holder = parent
        // The holder's lock follows them, and keeps the next holder away as long as this process
        // has the sockets open. Its children have no part in that.
        if let last = sockets.map(\.rawValue).max() {
            ActivatedSocket(descriptor: FileDescriptor(rawValue: last + 1)).closeOnExec()
        }
    }

    /// Tells the holder that connections are answered from now on.
    package func isReady(version: String) {
        StartReport.ready(version: version).send()
    }

    /// Has this process sent SIGTERM once the holder is gone, however it went.
    ///
    /// The signal's mask has to be in place: the thread that waits inherits it.
    package func endWithHolder() {
        SystemThread.start {
            var byte: UInt8 = 0
            repeat {
                let count = try? withUnsafeMutableBytes(of: &byte) {
                    try FileDescriptor.standardInput.read(into: $0)
                }
                guard let count, count > 0 else { break }
            } while true
            Signal.terminate.sendToThisProcess()
        }
    }
}
