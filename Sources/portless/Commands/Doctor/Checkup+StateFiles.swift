import PortlessCore

/// Files that everything else refuses to work with while they can't be understood.
extension Checkup {
    func stateFiles() -> [Finding] {
        let checks: [() throws -> Void] = [
            { _ = try LeaseStore(directory: directory).list() },
            { _ = try AppRegistry(directory: directory).list() },
            { _ = try PortSettings.read(from: directory) },
        ]
        return checks.compactMap { check in
            do {
                try check()
                return nil
            } catch {
                return .fail(telling: error)
            }
        }
    }
}
