import PortlessCore

/// Distinguishes the ports that a process connects to from those that it listens on.
enum Dependencies {
    /// Words of variables, services and images that name databases, brokers and mail servers.
    private static let words: Set<String> = [
        "amqp", "aurora", "beanstalkd", "cassandra", "chroma", "clamav", "clickhouse", "cockroach",
        "consul", "couchdb", "database", "db", "dragonfly", "dynamodb", "elastic",
        "elasticache", "elasticsearch", "email", "etcd", "fluentd", "ftp", "graphite", "imap",
        "influx", "influxdb", "jaeger", "kafka", "keydb", "ldap", "localstack", "logstash", "mail",
        "maildev",
        "mailcatcher", "mailer", "mailhog", "mailpit", "mariadb", "meili", "meilisearch",
        "memcache", "memcached", "milvus", "minio", "mongo", "mongodb", "mqtt", "mssql", "mysql",
        "nats", "neo4j", "ollama", "opensearch", "oracle", "otel", "otlp", "pg", "pgsql",
        "pgvecto", "pgvector", "pop3", "postgis", "postgres", "postgresql", "pulsar", "qdrant",
        "rabbit",
        "rabbitmq", "rds", "redis", "redpanda", "rethinkdb", "s3", "scylla", "sequelize", "sftp",
        "smtp", "solr", "sql", "sqlserver", "ssh", "statsd", "surrealdb", "syslog", "timescaledb",
        "typeorm", "typesense", "valkey", "vault", "weaviate", "zipkin", "zookeeper",
    ]

    /// Words that mean a service of others in variables, though processes may be called so.
    private static let clients: Set<String> = [
        "grafana", "keycloak", "mailgun", "postfix", "prometheus", "proxy", "pusher", "reverb",
        "sendgrid", "sentry",
    ]

    /// The programs of such servers, each with the label of its port.
    static let servers = [
        "redis-server": "redis", "redis-sentinel": "redis", "valkey-server": "redis",
        "keydb-server": "redis", "dragonfly": "redis", "mongod": "mongo", "mongos": "mongo",
        "postgres": "postgres", "mysqld": "mysql", "mysqld_safe": "mysql", "mariadbd": "mysql",
        "memcached": "memcached", "nats-server": "nats", "rabbitmq-server": "amqp",
        "mosquitto": "mqtt", "beanstalkd": "queue", "clickhouse-server": "db", "etcd": "db",
    ]

    /// The dependency that a variable such as `REDIS_PORT` or `PGPORT` names; nil for own ports.
    ///
    /// A service with a password or a user as well, as in `STORE_PORT` and `STORE_PASSWORD`, is a
    /// dependency; `others` are the other variables.
    static func name(
        ofVariable variable: String,
        inProcess process: String,
        beside others: Set<String> = [],
    ) -> String? {
        if ["PGPORT", "MYSQLPORT", "REDISPORT", "MONGOPORT"].contains(variable) {
            return String(variable.dropLast(4)).lowercased()
        }
        guard PortLabels.isPortVariable(variable), variable != "PORT" else { return nil }
        let parts = variable.lowercased().split(separator: "_").dropLast().map(String.init)
        // A process called "redis" that has a REDIS_PORT listens on it.
        let own = Self.parts(of: process)
        let services = parts.filter { words.contains($0) || clients.contains($0) }
        guard !services.contains(where: own.contains) else { return nil }
        let prefix = variable.dropLast("PORT".count)
        let isLoggedInto = credentials.contains { others.contains(prefix + $0) }
        guard isLoggedInto || !services.isEmpty else { return nil }
        return PortLabels.label(of: variable)
    }

    private static let credentials = [
        "USER", "USERNAME", "PASSWORD", "PASS", "DATABASE", "DB", "DB_NAME",
    ]

    /// Whether the image is a database or broker; without an image, whether the service has such a
    /// name.
    ///
    /// Of an image that isn't built here, the service's last word and the port within tell, too.
    static func isInfrastructure(
        service: String,
        image: String?,
        ports: [Port] = [],
        isBuilt: Bool,
    ) -> Bool {
        if let image {
            let last = image.split(separator: "/").last ?? ""
            let name = last.prefix { $0 != ":" && $0 != "@" }
            if parts(of: String(name)).contains(where: words.contains) { return true }
        }
        guard !isBuilt else { return false }
        let own = parts(of: service)
        return (image == nil ? own : own.suffix(1)).contains(where: words.contains)
            || ports.contains { databases.contains($0.number) }
    }

    /// The ports of databases and brokers.
    private static let databases: Set = [1433, 3306, 5432, 5672, 6379, 9042, 11211, 27017]

    private static func parts(of name: String) -> [String] {
        name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }
}
