import PortlessCore

/// What a client can attach to a conversation: the list of apps, and each one's latest lines.
struct MCPResources: Sendable {
    private static let apps = "portless://apps"
    private static let lines = 200

    let client: @Sendable () throws -> APIClient

    static let templates: [JSONValue] = [
        .object([
            "uriTemplate": .string("\(apps)/{app}/logs"), "name": .string("logs"),
            "title": .string("Logs of an app"), "mimeType": .string("text/plain"),
            "description": .string("The last lines that the app's processes wrote."),
        ])
    ]

    func list() throws(RPCError) -> [JSONValue] {
        let apps = try answer("/api/apps").array ?? []
        let logs = apps.filter { $0["supervised"]?.object != nil }
            .compactMap { $0["name"]?.string }
            .map { name in
                JSONValue.object([
                    "uri": .string("\(Self.apps)/\(name.pathComponent)/logs"),
                    "name": .string("logs of \(name)"), "mimeType": .string("text/plain"),
                ])
            }
        let all = JSONValue.object([
            "uri": .string(Self.apps), "name": .string("apps"),
            "description": .string("The apps of this machine, with state, URLs and processes."),
            "mimeType": .string("application/json"),
        ])
        return [all] + logs
    }

    func read(_ uri: String) throws(RPCError) -> [JSONValue] {
        if uri == Self.apps {
            let apps = (try answer("/api/apps").array ?? []).prefix(200).map(MCPTools.summary)
            return [Self.content(uri, "application/json", JSONValue.array(apps).formatted)]
        }
        let parts = uri.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard uri.hasPrefix(Self.apps + "/"), parts.count == 5, parts[4] == "logs" else {
            throw RPCError(.noResource, "There is no resource \"\(uri.prefix(200))\".")
        }
        let logs = try answer("/api/apps/\(parts[3])/logs?lines=\(Self.lines)")
        return [
            Self.content(uri, "text/plain", String((logs["logs"]?.string ?? "").suffix(100_000)))
        ]
    }

    private func answer(_ path: String) throws(RPCError) -> JSONValue {
        do {
            return try client().get(path)
        } catch {
            throw RPCError(.noResource, "\(error)")
        }
    }

    private static func content(_ uri: String, _ type: String, _ text: String) -> JSONValue {
        .object(["uri": .string(uri), "mimeType": .string(type), "text": .string(text)])
    }
}
