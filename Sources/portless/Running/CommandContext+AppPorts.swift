import PortlessCore

extension CommandContext {
    /// The labeled ports of an app that is about to run; nil where each run gets any port.
    ///
    /// Leases what the project asks for and doesn't have yet, and says so.
    func appPorts(_ question: AppPorts.Question) throws -> AppPorts? {
        let directory = try preparedStateDirectory()
        let store = LeaseStore(directory: directory)
        return try AppPorts.resolve(question, among: store.list()) { app, requests in
            let (lease, change) = try store.lease(
                requests,
                for: app,
                by: .current(in: directory),
                isFree: isFree,
            )
            if let sentence = change.sentence(lease) {
                console.say("-- \(sentence)")
            }
            return lease
        }
    }

    /// Whether a run may have the port: nobody listens there, and nobody has leased it.
    func freeForRuns() throws -> (Port) -> Bool {
        let leases = try LeaseStore(directory: stateDirectory()).list()
        let leased = Set(leases.flatMap { $0.ports.map(\.port) })
        let isFree = isFree
        return { !leased.contains($0) && isFree($0) }
    }
}
