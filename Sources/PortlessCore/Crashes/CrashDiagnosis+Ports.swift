import HostSystem

// Ports, addresses and permissions: what a program's system calls were refused.

extension CrashDiagnosis {
    @Sendable static func portTaken(
        _ line: OutputLine,
        _ index: Int,
        _ facts: CrashFacts,
    ) -> CrashDiagnosis? {
        guard
            line.has(any: "EADDRINUSE", "ddress already in use", "AddrInUse", "address in use")
                || line.has(any: "Only one usage of each socket address")
                || line.has("Port ") && line.has(any: "already in use", "is in use")
                || line.has("port ") && line.has(any: "already in use", "is being used by another")
        else { return nil }
        // Development servers take the next port.
        guard !line.has(any: "trying", "using available port", "another one instead") else {
            return nil
        }
        let own = facts.ports.filter { $0.holder != nil }
        // Java and Rust don't say which one.
        guard let port = line.port ?? (own.count == 1 ? own.first?.port : nil) else {
            return CrashDiagnosis(
                .portTaken,
                "A port that it wants is taken; the output doesn't say which.",
                isCertain: false,
                remedy: "portless ports shows who listens where.",
                command: "portless ports",
            )
        }
        var found =
            if let holder = facts.holder(of: port) {
                CrashDiagnosis(
                    .portTaken,
                    "Port \(port) is taken by \(holder).",
                    remedy: "End that program, or give this process another port.",
                    command: "portless ports kill \(port)",
                )
            } else {
                CrashDiagnosis(
                    .portTaken,
                    "Port \(port) was taken when it started. Nothing listened there afterwards.",
                    remedy: "Start it again.",
                )
            }
        found.port = port
        return found
    }

    @Sendable static func databaseDown(
        _ line: OutputLine,
        _ index: Int,
        _ facts: CrashFacts,
    ) -> CrashDiagnosis? {
        guard
            line.has(any: "ECONNREFUSED", "onnection refused", "ConnectionRefused")
                || line.has(any: "Can't reach database server", "Can't connect to MySQL server")
                || line.has(any: "Can't connect to local MySQL", "ConnectionRefusedError")
                || line.has(any: "could not connect to server", "ServerSelectionError")
        else { return nil }
        let near = [line] + facts.before(index, 4) + facts.after(index, 8)
        guard let address = near.lazy.compactMap(\.address).first else {
            return CrashDiagnosis(
                .connectionRefused,
                """
                A connection was refused; the output doesn't say where. A database or another \
                service that it needs may not be running.
                """,
                isCertain: false,
                remedy: "Start what it connects to.",
            )
        }
        let place = "\(address.host ?? "port"):\(address.port)"
            .replacingPrefix("port:", with: "port ")
        guard let service = services[address.port.rawValue] else {
            return CrashDiagnosis(
                .connectionRefused,
                "It couldn't connect to \(place): nothing accepts connections there.",
                remedy: "Start what listens there, or correct the address.",
            )
        }
        return CrashDiagnosis(
            .databaseDown,
            "It couldn't connect to \(place), the usual port of \(service).",
            remedy: "Start \(service), or correct the address.",
        )
    }

    private static let services: [UInt16: String] = [
        5432: "PostgreSQL", 5433: "PostgreSQL", 3306: "MySQL", 3307: "MySQL", 6379: "Redis",
        27017: "MongoDB", 9200: "Elasticsearch", 5672: "RabbitMQ", 9092: "Kafka",
        11211: "memcached", 1433: "SQL Server", 1521: "Oracle", 26257: "CockroachDB",
        8123: "ClickHouse", 2379: "etcd", 4222: "NATS", 9042: "Cassandra", 7687: "Neo4j",
        5561: "Portless's database",
    ]

    @Sendable static func permission(
        _ line: OutputLine,
        _ index: Int,
        _ facts: CrashFacts,
    ) -> CrashDiagnosis? {
        if line.has(any: "Requires net access", "Requires read access", "Requires env access") {
            let flag = line.after("run again with the ")?.prefix { $0 != " " }
            return CrashDiagnosis(
                .permission,
                "Deno wasn't allowed what it needs: \(line.after("Requires ").map { "\($0)" } ?? "").",
                remedy: flag.map { "Run it with \($0)." },
            )
        }
        guard line.has(any: "EACCES", "EPERM", "ermission denied", "PermissionDenied") else {
            return nil
        }
        if let port = line.port, port < 1024 {
            return CrashDiagnosis(
                .permission,
                "It may not listen on port \(port): ports below 1024 take an administrator.",
                remedy: """
                    Give it a port above 1023. Its name works on the usual port all the same: the \
                    proxy has that.
                    """,
            )
        }
        // A shell's word about a program, which the next rule knows.
        if facts.exitCode == 126 { return nil }
        guard let path = path(in: line) else {
            return CrashDiagnosis(
                .permission,
                "The system denied it something; the output doesn't say what.",
                isCertain: false,
            )
        }
        return CrashDiagnosis(
            .permission,
            "It has no permission for \(path.visibleLine).",
            remedy: "Look who owns it, and with which rights.",
            command: "ls -ld \(ShellWords.quotedIfNeeded(path.visibleLine))",
        )
    }

    /// The file that a line names, in quotes or before its colon.
    static func path(in line: OutputLine) -> String? {
        for (start, end) in [("'", "'"), ("\"", "\""), ("`", "`")] {
            guard let quoted = line.between(start, end), !quoted.contains(" ") else { continue }
            if quoted.contains("/") || quoted.contains(".") { return quoted }
        }
        let word = line.after("open ", "stat ", "exec: ", "-- ")?
            .prefix { !" :,()".contains($0) }
        if let word, word.contains("/") || word.contains(".") { return String(word) }
        return line.text.split(separator: " ").map { $0.split(separator: ":").first ?? $0 }
            .first { $0.hasPrefix("/") || $0.hasPrefix("./") }.map { "\($0)" }
    }
}

extension String {
    fileprivate func replacingPrefix(_ prefix: String, with other: String) -> String {
        hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
    }
}
