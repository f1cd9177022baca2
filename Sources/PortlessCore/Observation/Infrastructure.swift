/// Databases, caches and brokers by the port that they usually have.
package enum Infrastructure {
    package static func service(on port: Port) -> String? { services[port.rawValue] }

    private static let services: [UInt16: String] = [
        1433: "SQL Server", 1521: "Oracle", 3306: "MySQL", 4222: "NATS", 5432: "PostgreSQL",
        5561: "PostgreSQL (container)", 5672: "RabbitMQ", 6379: "Redis", 9042: "Cassandra",
        9092: "Kafka", 9200: "Elasticsearch", 11211: "memcached", 27017: "MongoDB",
    ]
}
