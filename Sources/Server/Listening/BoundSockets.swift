package import HostSystem
package import PortlessCore
package import SystemPackage

/// Listening sockets on one port of some addresses.
package struct BoundSockets: Sendable {
    package let port: Port
    package let sockets: [FileDescriptor]

    init(port: Port, sockets: [FileDescriptor]) {
        self.port = port
        self.sockets = sockets
    }

    /// The sockets that this process was started with; nil if there are none.
    package init?(handedOver: [ActivatedSocket]) throws {
        guard let first = handedOver.first,
            let port = Port(rawValue: try BoundSocket.address(of: first.descriptor).port)
        else { return nil }
        for socket in handedOver { socket.closeOnExec() }
        self.init(port: port, sockets: handedOver.map(\.descriptor))
    }

    /// Listens on all `addresses`; nil lets the system choose the port.
    ///
    /// The first address has to exist, the others only if this machine has their family.
    package static func open(_ addresses: [IPAddress], _ wanted: Port?) throws -> BoundSockets {
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
