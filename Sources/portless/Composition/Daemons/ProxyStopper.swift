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
        guard process.standing != .elsewhere else {
            throw Failure(
                "The proxy (PID \(process.pid)) runs in another container.",
                remedy: "Stop it there.",
            )
        }
        // A start time proves that the process is the one that wrote the file; the original's proxy
        // records none, so it has to answer, and to be the one that listens.
        let isAnswered = markers.port.map(context.isProxy) == true
        guard process.isVerified || isAnswered else {
            try removeLeftovers(markers, directory)
            return .recycled(process.pid)
        }
        guard let proven = process.proven(byListeningOn: markers.port?.rawValue) else {
            throw Failure(
                "Nothing shows that the proxy is process \(process.pid), as its pid file says.",
                remedy: "If it is another user's: sudo portless proxy stop",
            )
        }
        try DaemonEnd.end(proven, .proxy, ifForeign: "Stop it with: sudo portless proxy stop")
        try directory.removeProxyMarkers(of: process)
        return .stopped
    }

    private func removeLeftovers(_ markers: ProxyMarkers, _ directory: StateDirectory) throws {
        if markers != ProxyMarkers() { try directory.write(ProxyMarkers()) }
    }

    private func answers(_ port: Port?) throws -> Outcome? {
        guard let port else { return nil }
        return context.isProxy(port) ? .unknownProcess(port) : nil
    }
}
