import HostSystem
import PortlessCore

/// How to get the port without a number in the URL, for whoever got the other one.
enum FallbackAdvice {
    /// Nil where the proxy has the port that it should have.
    static func line(wanted: Port, actual: Port) -> String? {
        guard wanted != actual else { return nil }
        let restart = "portless proxy stop && sudo portless proxy start"
        if PortPermission.isDenied(wanted.rawValue) {
            return "For URLs without a port (asks for your password once): \(restart)"
        }
        let holder = PortHolders.description(of: wanted) ?? "Something else"
        return "\(holder) listens on port \(wanted), so URLs carry a port. Without it: \(restart)"
    }
}
