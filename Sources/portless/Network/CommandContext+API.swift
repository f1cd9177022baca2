import PortlessCore

extension CommandContext {
    /// The server of this state directory, started if there is none.
    func server() throws -> APIClient {
        let record = try ServerLauncher(context: self).ensureRunning()
        return try APIClient(record, directory: stateDirectory())
    }

    /// The server that runs; nil if none does.
    func runningServer() throws -> APIClient? {
        guard let record = try ServerLauncher(context: self).running() else { return nil }
        return try APIClient(record, directory: stateDirectory())
    }
}
