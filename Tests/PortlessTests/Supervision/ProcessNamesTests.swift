import PortlessCore
import Testing

@testable import portless

@Suite struct ProcessNamesTests {
    private func names(_ processes: (name: String, label: String?)...) throws -> [[String]] {
        let ports: [[DetectedProcess.LabeledPort]] = processes.map { process in
            process.label.map { [.init(label: $0, port: 4000)] } ?? []
        }
        return try ProcessNames(
            app: AppName(parsing: "shop"),
            ports: processes.map(\.name),
            ports,
        ).hostnames(under: [.localhost]).map { $0.map(\.description) }
    }

    @Test func `the one process that serves has the app's own name`() throws {
        #expect(
            try names(("web", "api"), ("worker", nil)) == [["shop.localhost"], []]
        )
    }

    @Test func `of several, the UI has it, and each its label`() throws {
        #expect(
            try names(("shop-api", "api"), ("shop-ui", "ui")) == [
                ["api.shop.localhost"], ["shop.localhost", "ui.shop.localhost"],
            ]
        )
    }

    @Test func `where a label doesn't tell, the process's name does`() throws {
        #expect(
            try names(("one", "api"), ("two", "api")) == [
                ["shop.localhost", "one.shop.localhost"], ["two.shop.localhost"],
            ]
        )
    }

    @Test func `further ports of one process have their labels' names`() throws {
        let names = try ProcessNames(
            app: AppName(parsing: "shop"),
            ports: ["dev"],
            [
                [
                    .init(label: "ui", port: 4000), .init(label: "api", port: 4001),
                    .init(label: "db", port: 4002),
                ]
            ],
        )
        #expect(
            try names.hostnames(under: [.localhost])[0].map(\.description) == ["shop.localhost"]
        )
        let others = try names.otherNames(under: [.localhost])[0]
        #expect(others.map(\.hostname.description) == ["api.shop.localhost"])
        #expect(others.map(\.port) == [4001])
    }

    @Test func `what speaks no HTTP gets no name`() throws {
        #expect(try names(("web", "ui"), ("cache", "redis")) == [["shop.localhost"], []])
    }
}
