import SystemPackage
import Testing

@testable import PortlessCore
@testable import portless

@Suite struct OpenCommandTests {
    private let proxy = ProxyDescription(
        stateDirectory: StateDirectory(path: "/nowhere"),
        isRunning: true,
        port: 1355,
        usesTLS: true,
        tlds: [.localhost],
    )

    private func choose(
        _ text: String?,
        _ routed: [String],
        project: String? = nil,
        prefix: String? = nil,
    ) throws -> String {
        try OpenCommand.choose(
            text,
            routed: routed.compactMap { Hostname($0) },
            proxy: proxy,
            project: project,
            prefix: prefix,
        ).description
    }

    @Test func `a name means its app, if it runs`() throws {
        #expect(try choose("api", ["web.localhost", "api.localhost"]) == "api.localhost")
        let error = #expect(throws: Failure.self) { try choose("x", ["api.localhost"]) }
        #expect(error?.sentence == "No app named \"x\" runs.")
    }

    @Test func `in a worktree a name means its own app first`() throws {
        let both = ["api.localhost", "fix.api.localhost"]
        #expect(try choose("api", both, prefix: "fix") == "fix.api.localhost")
        #expect(try choose("api", ["api.localhost"], prefix: "fix") == "api.localhost")
    }

    @Test func `without a name it is this project's app, else the only one`() throws {
        let both = ["web.localhost", "fix.shop.localhost"]
        #expect(try choose(nil, both, project: "shop", prefix: "fix") == "fix.shop.localhost")
        #expect(try choose(nil, ["web.localhost"], project: "shop") == "web.localhost")
        #expect(throws: Failure.self) { try choose(nil, both, project: "shop") }
        #expect(throws: Failure.self) { try choose(nil, []) }
    }
}
