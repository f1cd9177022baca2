import NIOCore
import PortlessCore

extension CommandContext {
    /// The server of this state directory, started if there is none, and once more if it goes away.
    func server() throws -> APIClient {
        try APIClient(ensuredServer(), directory: stateDirectory()) {
            try APIClient(ensuredServer(), directory: stateDirectory())
        }
    }

    /// What a server warns of; one that hangs is a reason to warn, too.
    func warnings(of server: ServerRecord) throws -> [String] {
        do {
            let exposure = try APIClient(server, directory: stateDirectory())
                .get("/api/network-exposure/status", within: .seconds(5))
            return (exposure["warnings"]?.array ?? []).compactMap(\.string)
        } catch let failure as Failure {
            return [failure.sentence]
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
