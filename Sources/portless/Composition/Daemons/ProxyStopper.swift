import HostSystem
import PortlessCore

/// Ends the proxy of a state directory and waits until it is gone.
struct ProxyStopper {
    enum Outcome: Equatable {
        case stopped
        case notRunning
        case otherPort(Port)
        /// The pid file is left over, and its PID is somebody else's by now.
        case recycled(Int32)
        /// A proxy answers, but not one of this directory.
        case unknownProcess(Port)
    }

    let context: CommandContext

    func stop(onlyPort: Port? = nil) throws -> Outcome {
        let directory = try context.stateDirectory()
        let markers = try directory.proxyMarkers()
        if let port = markers.port, let onlyPort, port != onlyPort,
            markers.process?.isAlive == true
        {
            return .otherPort(port)
        }
        guard let process = markers.process, process.isAlive else {
            try removeLeftovers(markers, directory)
            return try answers(onlyPort) ?? .notRunning
        }
        guard try isProxy(process, markers) else {
            try removeLeftovers(markers, directory)
            return .recycled(process.pid)
        }
        try DaemonEnd.end(process, .proxy, ifForeign: "Stop it with: sudo portless proxy stop")
        try directory.removeProxyMarkers(of: process)
        return .stopped
    }

    private func removeLeftovers(_ markers: ProxyMarkers, _ directory: StateDirectory) throws {
        if markers != ProxyMarkers() { try directory.write(ProxyMarkers()) }
    }

    /// A start time proves that the process is the one that wrote the file; the original's proxy
    /// records none, so it has to answer.
    private func isProxy(_ process: ProcessIdentity, _ markers: ProxyMarkers) throws -> Bool {
        if process.startTime != nil { return true }
        guard let port = markers.port else { return false }
        return context.isProxy(port)
    }

    private func answers(_ port: Port?) throws -> Outcome? {
        guard let port else { return nil }
        return context.isProxy(port) ? .unknownProcess(port) : nil
    }
}
