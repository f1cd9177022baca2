/// Ports at which people and programs expect something else, such as a framework's default.
package enum WellKnownPorts {
    package static func contains(_ port: Port) -> Bool { ports.contains(port.rawValue) }

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
