import Machine
import PortlessCore
import SystemPackage

/// Services of the operating system that start our daemons.
extension Doctor {
    func services() -> [Diagnosis] {
        guard let control = try? ServiceControl(context) else { return [] }
        return control.installed(of: directory).map { service in
            let name = service.daemon.rawValue
            guard ServiceReport.isProgramThere(service) else {
                return .fail(
                    """
                    The service \(service.file) runs \(service.program?.string ?? "nothing"), which \
                    isn't there any more.
                    """,
                    fix: "portless service install \(name)",
                )
            }
            return .ok("The \(name) is a service of the \(service.scope.place).")
        }
    }
}
