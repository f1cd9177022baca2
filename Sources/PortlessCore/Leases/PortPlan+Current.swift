import HostSystem

extension PortPlan {
    /// The plan for this machine at this moment.
    ///
    /// What registered apps declare and what routes lead to is nobody else's, also while nothing
    /// listens there.
    package static func current(in directory: StateDirectory) throws -> PortPlan {
        let settings = try PortSettings.read(from: directory)
        let apps = try AppRegistry(directory: directory).list()
        let declared = apps.flatMap { $0.processes.flatMap { $0.ports.map(\.port) } }
        let routed = try RoutesStore(directory: directory).list().compactMap(\.port)
        return PortPlan(
            ranges: settings.ranges,
            systemEphemeral: .systemEphemeral,
            avoided: RunningPrograms.contain("adb") ? [PortSettings.emulator] : [],
            declared: Set(declared + routed),
        )
    }
}
