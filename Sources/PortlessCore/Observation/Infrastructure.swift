/// Databases, caches and brokers by the port that they usually have.
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
