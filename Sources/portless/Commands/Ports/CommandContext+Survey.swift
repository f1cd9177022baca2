import PortlessCore
import Runner

extension CommandContext {
    /// Who has and who holds which port now.
    func survey() throws -> PortSurvey {
        let directory = try stateDirectory()
        return try .take(
            of: directory,
            tlds: describeProxy().tlds,
            supervised: StoredApps.list(in: directory),
        )
    }
}
