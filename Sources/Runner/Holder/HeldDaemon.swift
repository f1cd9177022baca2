package import HostSystem
package import SystemPackage

/// The holder as its daemon sees it; the daemon's standard input is their connection.
package struct HeldDaemon: Sendable {
    /// Makes the daemon finish its connections and exit, because its successor has the sockets.
    package static let retireSignal = HolderPolicy.retireSignal

    /// The process that the state directory names for both.
    package let holder: ProcessIdentity

    /// Nil where the holder is gone; `sockets` are those that this process got from it.
    package init?(sockets: [FileDescriptor]) {
        guard let parent = ProcessIdentity.parent else { return nil }
        holder = parent
        // The holder's lock comes right after the sockets and keeps the next holder away for as
        // long as this process has them open. Children of this process must not inherit it.
        if let last = sockets.map(\.rawValue).max() {
            ActivatedSocket(descriptor: FileDescriptor(rawValue: last + 1)).closeOnExec()
        }
    }

    /// Tells the holder that connections are answered from now on.
    package func isReady(version: String) {
        StartReport.ready(version: version).send()
    }

    /// Sends this process SIGTERM once the holder is gone, for whatever reason.
    ///
    /// The caller sets the signal mask first: the waiting thread inherits it.
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
