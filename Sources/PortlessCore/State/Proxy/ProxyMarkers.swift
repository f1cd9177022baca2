package import HostSystem

/// What the files of a state directory say of the proxy that runs on it, or ran and was killed.
package struct ProxyMarkers: Hashable, Sendable {
    package var pid: Int32?
    package var port: Port?
    package var usesTLS = false
    package var usesCustomCertificate = false
    package var tlds: [TLD] = [.localhost]
    /// The address under which the proxy is published in the local network.
    package var lanAddress: String?
    /// What our own proxy wrote; a leftover where the original's has been started since.
    package var record: ProxyRecord?

    package init() {}

    /// Nil where the proxy is the original's.
    package var version: String? { record?.process.pid == pid ? record?.version : nil }

    /// The process, told apart from a later one with its PID where the proxy is ours.
    package var process: ProcessIdentity? {
        guard let pid = pid ?? record?.process.pid else { return nil }
        if let record, record.process.pid == pid { return record.process }
        return ProcessIdentity(pid: pid, startTime: nil)
    }

    /// Whether the original's proxy, which watches files rather than names, runs here.
    package func isOriginalRunning(isAlive: (ProcessIdentity) -> Bool = \.isAlive) -> Bool {
        guard let pid else { return false }
        if let record, record.process.pid == pid, isAlive(record.process) { return false }
        return isAlive(ProcessIdentity(pid: pid, startTime: nil))
    }
}
