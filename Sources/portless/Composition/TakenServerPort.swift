import PortlessCore

/// The server's port, which somebody else has.
struct TakenServerPort: Error, CustomStringConvertible {
    let port: Port

    private var holding: String {
        "\(PortHolders.description(of: port) ?? "Something else") listens on port \(port)"
    }

    /// Why the server can't be started, where the user has chosen that port.
    var description: String {
        """
        \(holding), which PORTLESS_API_PORT asks for.
        Stop it, or choose another port.
        """
    }

    /// What to tell where the server has taken another one.
    func advice(actual: Port) -> String {
        """
        \(holding), so the server took port \(actual). \
        Once \(port) is free: portless server stop && portless server start
        """
    }
}
