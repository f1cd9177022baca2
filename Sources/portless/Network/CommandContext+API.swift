import PortlessCore

extension CommandContext {
    /// The server of this state directory, started if there is none, and once more if it goes away.
    func server() throws -> APIClient {
        try APIClient(ensuredServer(), directory: stateDirectory()) {
            try APIClient(ensuredServer(), directory: stateDirectory())
        }
    }

    private func ensuredServer() throws -> ServerRecord {
        try ServerLauncher(context: self).ensureRunning()
    }

    /// The server that runs; nil if none does.
    func runningServer() throws -> APIClient? {
        guard let record = try ServerLauncher(context: self).running() else { return nil }
        return try APIClient(record, directory: stateDirectory())
    }
}
