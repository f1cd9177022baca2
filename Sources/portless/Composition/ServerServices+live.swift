import HostSystem
import Machine
import PortlessCore
import Runner
import Server

extension ServerServices {
    /// The services of a server on this machine.
    static func live(
        directory: StateDirectory,
        supervisor: Supervisor,
        context: CommandContext,
    ) -> ServerServices {
        ServerServices(
            directory: directory,
            supervisor: supervisor,
            isFree: context.isFree,
            proxy: { try context.describeProxy() },
            runner: context.runner,
            detect: { Project(in: $0, context).registrable },
            hostname: SystemName.host,
            version: Portless.version,
        )
    }
}
