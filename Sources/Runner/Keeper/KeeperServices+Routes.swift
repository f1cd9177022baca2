import HostSystem
package import PortlessCore

extension KeeperServices {
    /// How long a port may think about a `HEAD` request.
    private static let answerLimit: Int32 = 500

    /// Those of a keeper on a state directory; `routesChanged` is called after each change of the
    /// names.
    package static func live(
        _ directory: StateDirectory,
        version: String,
        routesChanged: @escaping () -> Void,
    ) -> KeeperServices {
        let routes = RoutesStore(directory: directory)
        let owner = Route.Owner.process(.current)
        return KeeperServices(
            route: { hostnames, port in
                _ = try routes.register(hostnames, owner: owner) { _ in port }
                routesChanged()
            },
            removeRoutes: { hostnames in
                try routes.remove(hostnames, ownedBy: owner)
                routesChanged()
            },
            speaksHTTP: speaksHTTP,
            version: version,
        )
    }

    private static func speaksHTTP(_ port: Port) -> Bool {
        let request = "HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        return [IPAddress.loopbackIPv4, .loopbackIPv6].contains { address in
            let answer = LoopbackExchange.head(
                of: request,
                port: port.rawValue,
                address: address,
                limitInMilliseconds: answerLimit,
            )
            return answer?.hasPrefix("HTTP/") == true
        }
    }
}
