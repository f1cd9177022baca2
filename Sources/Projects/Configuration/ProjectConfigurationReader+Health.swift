import PortlessCore

/// `"health": "/healthz"`, or `{"path": "/healthz", "status": "2xx", "interval": "1s", "timeout":
/// 3000}`.
extension ProjectConfigurationReader {
    static let healthKeys: Set = ["path", "status", "interval", "timeout"]
    /// A server is never asked more often, and none is waited for longer.
    private static let times = Duration.milliseconds(50)...Duration.seconds(600)

    mutating func health(of object: ConfigurationObject, at prefix: String) -> HealthCheck? {
        guard let value = object["health"] else { return nil }
        let key = prefix + "health"
        guard let fields = value.object else {
            return path(value, at: key).map { HealthCheck(path: $0) }
        }
        for entry in fields.properties where !Self.healthKeys.contains(entry.name) {
            let known = Self.healthKeys.sorted().joined(separator: ", ")
            note(entry.value, at: "\(key).\(entry.name)", expected: "one of: \(known)")
        }
        guard let path = path(fields["path"] ?? value, at: "\(key).path") else { return nil }
        var check = HealthCheck(path: path)
        if let status = fields["status"] { readStatus(status, at: key, into: &check) }
        check.interval = time("interval", of: fields, at: key) ?? check.interval
        check.timeout = time("timeout", of: fields, at: key) ?? check.timeout
        return check
    }

    private mutating func path(_ value: ConfigurationValue, at key: String) -> String? {
        if let text = value.string, HealthCheck.isPath(text) { return text }
        note(value, at: key, expected: "a path such as \"/healthz\"")
        return nil
    }

    private mutating func readStatus(
        _ value: ConfigurationValue,
        at key: String,
        into check: inout HealthCheck,
    ) {
        let values = value.array ?? [value]
        let ranges = values.compactMap { $0.scalar.flatMap(HealthCheck.statuses) }
        guard ranges.count == values.count, (1...20).contains(ranges.count) else {
            return note(
                value,
                at: "\(key).status",
                expected: "a status such as 204, \"2xx\" or \"200-399\", or a list of them",
            )
        }
        check.statuses = ranges
    }

    private mutating func time(
        _ name: String,
        of fields: ConfigurationObject,
        at key: String,
    ) -> Duration? {
        guard let value = fields[name] else { return nil }
        let time = value.scalar.flatMap(PM2Units.duration)
        guard let time, Self.times.contains(time) else {
            note(
                value,
                at: "\(key).\(name)",
                expected: "milliseconds, or a time such as \"2s\", from 50 ms to 10 minutes",
            )
            return nil
        }
        return time
    }
}
