import HostSystem
import PortlessCore
import SystemPackage

/// Listening sockets on one port of some addresses.
struct BoundSockets {
    let port: Port
    let sockets: [FileDescriptor]

    /// Listens on all addresses that this machine has; nil lets the system choose the port.
    ///
    /// The first address has to be there, and the others only if their family is.
    static func open(_ addresses: [IPAddress], _ wanted: Port?) throws -> BoundSockets {
        var sockets: [FileDescriptor] = []
        var number = wanted?.rawValue ?? 0
        do throws(SystemError) {
            for address in addresses {
                do throws(SystemError) {
                    let socket = try LoopbackListeners.listen(address, port: number)
                    ActivatedSocket(descriptor: socket).closeOnExec()
                    sockets.append(socket)
                    number = try BoundSocket.address(of: socket).port
                } catch  where !sockets.isEmpty && error.isUnknownFamily {
                    continue
                }
            }
        } catch {
            for socket in sockets { try? socket.close() }
            throw ServerFailure.cannotListen(port: wanted, error)
        }
        guard let port = Port(rawValue: number) else {
            throw ServerFailure.noAddress
        }
        return BoundSockets(port: port, sockets: sockets)
    }
}

extension SystemError {
    fileprivate var isUnknownFamily: Bool {
        [.addressFamilyNotSupported, .addressNotAvailable, .protocolNotSupported].contains(errno)
    }
}
