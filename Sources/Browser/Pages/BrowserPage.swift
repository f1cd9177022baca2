package import PortlessCore

/// A tab of the browser, attached to one connection.
package struct BrowserPage: Sendable {
    package let id: String
    let session: String
    let connection: DevToolsConnection

    /// Attaches to the first tab, or to a new one.
    package static func first(of connection: DevToolsConnection) async throws -> BrowserPage {
        let id: String
        if let open = try await list(connection).first?["id"]?.string {
            id = open
        } else {
            let made = try await connection.call(
                "Target.createTarget",
                ["url": .string("about:blank")],
            )
            id = made["targetId"]?.string ?? ""
        }
        let attached = try await connection.call(
            "Target.attachToTarget",
            ["targetId": .string(id), "flatten": .bool(true)],
        )
        guard let session = attached["sessionId"]?.string else { throw DevToolsError.closed }
        return BrowserPage(id: id, session: session, connection: connection)
    }

    /// The open tabs: `id`, `title` and `url` of each.
    package static func list(_ connection: DevToolsConnection) async throws -> [JSONValue] {
        let targets = try await connection.call("Target.getTargets")["targetInfos"]?.array ?? []
        return targets.filter { target in
            target["type"]?.string == "page"
                && target["url"]?.string?.hasPrefix("devtools://") == false
        }.map { target in
            .object([
                "id": target["targetId"] ?? .null, "title": target["title"] ?? .null,
                "url": target["url"] ?? .null,
            ])
        }
    }

    func call(
        _ method: String,
        _ parameters: JSONObject = [:],
        within limit: Duration = .seconds(10),
    ) async throws -> JSONObject {
        try await connection.call(method, parameters, session: session, within: limit)
    }

    /// Its URL and title now.
    func description() async throws -> JSONObject {
        let info = try await connection.call(
            "Target.getTargetInfo",
            ["targetId": .string(id)],
        )["targetInfo"]
        return ["url": info?["url"] ?? .null, "title": info?["title"] ?? .null]
    }
}

// MARK: Looking

extension BrowserPage {
    /// What the tab shows, as a PNG in Base64, with `url` and `title`.
    package func screenshot() async throws -> JSONObject {
        let picture = try await call(
            "Page.captureScreenshot",
            ["format": .string("png")],
            within: .seconds(30),
        )
        guard let data = picture["data"] else { throw DevToolsError.refused("It sent no picture.") }
        var result = try await description()
        result["png"] = data
        return result
    }

    private static let mostNodes = 20_000

    /// The accessibility tree as text, with `url` and `title`.
    package func accessibility() async throws -> JSONObject {
        let tree = try await call("Accessibility.getFullAXTree", within: .seconds(30))
        let nodes = tree["nodes"]?.array ?? []
        let (text, leftOut) = AccessibilityText.text(of: Array(nodes.prefix(Self.mostNodes)))
        var result = try await description()
        result["tree"] = .string(text)
        result["leftOut"] = .integer(leftOut + max(0, nodes.count - Self.mostNodes))
        return result
    }
}
