/// Ports with a usual purpose, such as a framework's default.
package enum WellKnownPorts {
    package static func contains(_ port: Port) -> Bool { ports.contains(port.rawValue) }

    /// Whether the port is one of those that development servers and their debuggers take unless
    /// they are told another.
    package static func areDefaults(_ port: Port) -> Bool { defaults.contains(port.rawValue) }

    private static let defaults: Set<UInt16> = [
        3000, 3001, 4000, 4200, 4321, 4567, 5000, 5173, 6006, 8000, 8008, 8080, 8081, 8888, 9000,
        9222, 9229, 35729,
    ]

    private static let ports: Set<UInt16> = [
        // Web servers and their usual alternatives.
        80, 443, 3000, 3001, 5000, 5173, 8000, 8008, 8080, 8081, 8443, 8888, 9000,
        // Development servers: Phoenix and Jekyll, Angular, Astro, Sinatra, Gatsby, Storybook.
        4000, 4200, 4321, 4567, 6006, 35729,
        // Tools: ngrok, NATS, OpenTelemetry, epmd, Selenium, LocalStack, Verdaccio, debuggers.
        4040, 4222, 4317, 4318, 4369, 4444, 4566, 4873, 9222, 9229,
        // Databases and queues.
        1433, 1521, 3306, 5432, 5672, 6379, 9042, 9092, 9200, 11211, 27017,
        // The proxy's own fallback.
        1355,
    ]
}

/// Ports that browsers refuse to open.
///
/// See the Fetch standard, section "Port blocking", https://fetch.spec.whatwg.org/#port-blocking.
package enum BrowserBlockedPorts {
    package static func contains(_ port: Port) -> Bool { ports.contains(port.rawValue) }

    private static let ports: Set<UInt16> = [
        1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
        102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389,
        427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636,
        989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665,
        6666, 6667, 6668, 6669, 6679, 6697, 10080,
    ]
}

/// Databases, caches and brokers by their usual ports.
package enum Infrastructure {
    package struct Service: Hashable, Sendable {
        package let name: String
        package let label: String
    }

    package static func service(on port: Port) -> Service? {
        for (label, services) in [("db", databases), ("cache", caches), ("broker", brokers)] {
            if let name = services[port.rawValue] { return Service(name: name, label: label) }
        }
        return nil
    }

    private static let databases: [UInt16: String] = [
        1433: "SQL Server", 1521: "Oracle", 3306: "MySQL", 5432: "PostgreSQL",
        5561: "PostgreSQL (container)", 7687: "Neo4j", 9042: "Cassandra", 9200: "Elasticsearch",
        27017: "MongoDB",
    ]
    private static let caches: [UInt16: String] = [6379: "Redis", 11211: "memcached"]
    private static let brokers: [UInt16: String] = [
        1883: "MQTT", 2181: "ZooKeeper", 4222: "NATS", 5672: "RabbitMQ", 9092: "Kafka",
    ]
}
