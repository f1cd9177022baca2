import PortlessCore

/// Tells the ports that a process connects to from those that it listens on.
enum Dependencies {
    /// Words of variables, services and images that name databases, brokers and mail servers.
    private static let words: Set<String> = [
        "amqp", "cassandra", "clickhouse", "cockroach", "consul", "couchdb", "database", "db",
        "dragonfly", "dynamodb", "elastic", "elasticsearch", "etcd", "imap", "influx", "influxdb",
        "kafka", "keydb", "ldap", "localstack", "mail", "mailcatcher", "mailhog", "mailpit",
        "mariadb",
        "meili", "meilisearch", "memcached", "milvus", "minio", "mongo", "mongodb", "mqtt", "mssql",
        "mysql", "nats", "neo4j", "opensearch", "oracle", "pg", "pgsql", "pgvector", "postgis",
        "postgres", "postgresql", "pulsar", "qdrant", "rabbit", "rabbitmq", "redis", "redpanda",
        "rethinkdb", "s3", "scylla", "smtp", "solr", "sql", "sqlserver", "surrealdb", "timescaledb",
        "typesense", "valkey", "weaviate", "zookeeper",
    ]

    /// The dependency that a variable such as `REDIS_PORT` or `PGPORT` names; nil for own ports.
    static func name(ofVariable variable: String, inProcess process: String) -> String? {
        if ["PGPORT", "MYSQLPORT", "REDISPORT", "MONGOPORT"].contains(variable) {
            return String(variable.dropLast(4)).lowercased()
        }
        guard PortLabels.isPortVariable(variable), variable != "PORT" else { return nil }
        let parts = variable.lowercased().split(separator: "_").dropLast().map(String.init)
        let named = parts.filter(words.contains)
        // A process called "redis" that has a REDIS_PORT listens on it.
        let own = Self.parts(of: process)
        guard !named.isEmpty, !named.contains(where: own.contains) else { return nil }
        return PortLabels.label(of: variable)
    }

    /// True for the image of a database or broker, or without an image for a service named so.
    static func isInfrastructure(service: String, image: String?, isBuilt: Bool) -> Bool {
        if let image {
            let last = image.split(separator: "/").last ?? ""
            let name = last.prefix { $0 != ":" && $0 != "@" }
            if parts(of: String(name)).contains(where: words.contains) { return true }
        }
        return !isBuilt && image == nil && parts(of: service).contains(where: words.contains)
    }

    private static func parts(of name: String) -> [String] {
        name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }
}
