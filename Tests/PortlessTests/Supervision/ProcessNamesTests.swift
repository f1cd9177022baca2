import PortlessCore
import Testing

@testable import portless

@Suite struct ProcessNamesTests {
    private func names(_ processes: (name: String, label: String?)...) throws -> [[String]] {
        try ProcessNames.of(
            processes.map { process in
                (process.name, process.label.map { [.init(label: $0, port: 4000)] } ?? [])
            },
            app: AppName(parsing: "shop"),
            tlds: [.localhost],
        ).map { $0.all.map(\.description) }
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

    @Test func `what people open has it by its name or its program, whatever the order`() throws {
        #expect(
            try names(("api", "api"), ("web", "web")) == [
                ["api.shop.localhost"], ["shop.localhost", "web.shop.localhost"],
            ]
        )
        #expect(try names(("admin", "ui"), ("web", "web"))[1].first == "shop.localhost")
        #expect(try names(("one", "one"), ("frontend", "frontend"))[1].first == "shop.localhost")
        let ports: [DetectedProcess.LabeledPort] = [.init(label: "x", port: 4000)]
        let names = try ProcessNames.of(
            [("one", ports), ("two", ports)],
            app: AppName(parsing: "shop"),
            tlds: [.localhost],
            pages: ["two"],
        )
        #expect(names.map(\.own.isEmpty) == [true, false])
    }

    @Test func `where a label doesn't tell, the process's name does`() throws {
        #expect(
            try names(("one", "api"), ("two", "api")) == [
                ["shop.localhost", "one.shop.localhost"], ["two.shop.localhost"],
            ]
        )
    }

    @Test func `a label with a TCP name has it, and is no page`() throws {
        let names = try ProcessNames.of(
            [
                ("db", [.init(label: "db", port: 4000)]),
                ("web", [.init(label: "ui", port: 4001), .init(label: "api", port: 4002)]),
            ],
            app: AppName(parsing: "shop"),
            tlds: [.localhost],
            tcp: ["db", "api"],
        )
        #expect(
            names.map { $0.all.map(\.description) } == [
                ["db.shop.localhost"], ["shop.localhost", "api.shop.localhost"],
            ]
        )
        #expect(names.flatMap(\.labels).map(\.upstreamProtocol) == [.tcp, .tcp])
    }

    @Test func `further ports of one process have their labels' names`() throws {
        let ports: [DetectedProcess.LabeledPort] = [
            .init(label: "ui", port: 4000), .init(label: "api", port: 4001),
            .init(label: "db", port: 4002),
        ]
        let names = try ProcessNames.of(
            [("dev", ports)],
            app: AppName(parsing: "shop"),
            tlds: [.localhost],
        )[0]
        #expect(names.own.map(\.description) == ["shop.localhost"])
        #expect(names.labels.map(\.hostname.description) == ["api.shop.localhost"])
        #expect(names.labels.map(\.port) == [4001])
    }

    @Test func `only the app's own name is its own; those of labels give way`() throws {
        let names = try ProcessNames.of(
            [
                ("a", [.init(label: "ui", port: 4000)]), ("b", [.init(label: "api", port: 4001)]),
            ],
            app: AppName(parsing: "shop"),
            tlds: [.localhost],
        )
        #expect(names.map { $0.own.map(\.description) } == [["shop.localhost"], []])
        #expect(names.map { $0.labels.map(\.label) } == [["ui"], ["api"]])
    }

    @Test func `packages keep the names that they have under portless`() throws {
        func names(_ own: [String: [String]]) throws -> [[String]] {
            try ProcessNames.of(
                own.keys.sorted().map { ($0, [.init(label: "ui", port: 4000)]) },
                app: AppName(parsing: "ws"),
                tlds: [.localhost],
                own: own.mapValues { try $0.map { try AppName(parsing: $0) } },
            ).map { $0.all.map(\.description) }
        }
        #expect(try names(["a": ["a.ws", "ws"]]) == [["ws.localhost", "a.ws.localhost"]])
        #expect(
            try names(["a": ["a.ws"], "b": ["other", "ws"], "ws": ["x.ws"]]) == [
                ["a.ws.localhost"], ["ws.localhost", "other.localhost"], ["x.ws.localhost"],
            ]
        )
        #expect(
            try names(["a": ["a.ws"], "ws": ["ws"]]) == [["a.ws.localhost"], ["ws.localhost"]]
        )
    }

    @Test func `what speaks no HTTP gets no name`() throws {
        #expect(try names(("web", "ui"), ("cache", "redis")) == [["shop.localhost"], []])
    }
}
