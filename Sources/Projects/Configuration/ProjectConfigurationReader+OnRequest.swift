import PortlessCore

/// `"start": "on-request"`, `"idle": "30m"` and `"depends_on": ["auth"]` of an app.
extension ProjectConfigurationReader {
    mutating func onRequest(of object: ConfigurationObject, at prefix: String) -> OnRequest? {
        let idle = idle(of: object, at: prefix)
        guard let value = object["start"] else { return nil }
        guard let mode = value.string.flatMap(OnRequest.Mode.init(rawValue:)) else {
            note(value, at: prefix + "start", expected: "\"on-request\" or \"manual\"")
            return nil
        }
        return mode == .onRequest ? OnRequest(idle: idle) : nil
    }

    private mutating func idle(of object: ConfigurationObject, at prefix: String) -> Duration? {
        guard let value = object["idle"], value.string != "never" else { return nil }
        let idle = value.string.flatMap(OnRequest.idle)
        if idle == nil {
            note(
                value,
                at: prefix + "idle",
                expected: "a time such as \"30m\" or \"1h30m\", from 1s to 365d, or \"never\"",
            )
        }
        return idle
    }

    mutating func dependencies(of object: ConfigurationObject, at prefix: String) -> [AppName] {
        guard let value = object["depends_on"] else { return [] }
        let texts = value.array?.map(\.string) ?? [value.string]
        let names = texts.compactMap { text in text.flatMap { try? AppName(parsing: $0) } }
        guard names.count == texts.count else {
            note(value, at: prefix + "depends_on", expected: "a list of names of apps")
            return []
        }
        return names
    }
}
