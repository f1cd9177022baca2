import HostSystem
import Runner

extension HeldDaemon {
    /// Starts serving, tells the holder so, and returns at a signal to end.
    ///
    /// `isRetired`: another daemon serves on the same sockets, and the names are its own.
    func serve<Service>(
        until signals: SignalQueue,
        _ start: () throws -> Service,
    ) throws -> (service: Service, isRetired: Bool) {
        endWithHolder()
        OpenFileLimit.raise()
        let service = try start()
        isReady(version: Portless.version)
        return (service, signals.next() == Self.retireSignal)
    }
}
