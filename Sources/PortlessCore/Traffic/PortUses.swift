import HostSystem

/// How the proxy's requests use the ports of apps.
package struct PortUses: Hashable, Sendable {
    package struct Use: Hashable, Sendable {
        package var port: Port
        /// Exchanges that are open, with the requests that wait for the app.
        package var open: Int
        /// How long ago the last exchange ended; nil where none did.
        package var idle: Duration?

        package init(port: Port, open: Int, idle: Duration?) {
            self.port = port
            self.open = open
            self.idle = idle
        }
    }

    package var uses: [Use]
    /// How long the proxy has been serving.
    package var uptime: Duration

    package init(uses: [Use], uptime: Duration) {
        self.uses = uses
        self.uptime = uptime
    }
}

extension PortUses {
    var json: JSONValue {
        let list = uses.map { use in
            JSONValue.object([
                "port": .integer(use.port.number), "open": .integer(use.open),
                "idle": use.idle.map { .integer($0.milliseconds) } ?? .null,
            ])
        }
        return .object(["uses": .array(list), "uptime": .integer(uptime.milliseconds)])
    }

    init?(json: JSONValue) {
        guard let list = json["uses"]?.array, let uptime = Self.duration(json["uptime"]) else {
            return nil
        }
        uses = list.compactMap { entry in
            guard let port = entry["port"]?.integer.flatMap({ Port($0) }),
                let open = entry["open"]?.integer
            else { return nil }
            return Use(port: port, open: max(0, open), idle: Self.duration(entry["idle"]))
        }
        self.uptime = uptime
    }

    private static func duration(_ json: JSONValue?) -> Duration? {
        json?.integer(as: Int64.self).map { .clamped(milliseconds: max(0, $0)) }
    }
}
