import PortlessCore

extension CommandContext {
    /// Who has and who holds which port now.
    func survey() throws -> PortSurvey {
        try .take(of: stateDirectory(), tlds: describeProxy().tlds)
    }
}
