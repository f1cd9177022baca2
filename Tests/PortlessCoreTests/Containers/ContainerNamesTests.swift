import Testing

@testable import PortlessCore

@Suite struct ContainerNamesTests {
    private func container(
        _ name: String,
        _ ports: [(Port, inner: Port)] = [(8080, inner: 80)],
        address: String = "0.0.0.0",
        created: Int = 0,
        labels: Container.Labels = .init(),
        usesHostNetwork: Bool = false,
    ) -> Container {
        Container(
            id: name,
            name: name,
            created: created,
            ports: ports.map { .init(address: address, port: $0.0, inner: $0.inner) },
            labels: labels,
            usesHostNetwork: usesHostNetwork,
        )
    }

    private func service(
        _ service: String,
        of project: String = "shop",
        port: Port,
        number: Int = 1,
        isOneOff: Bool = false,
    ) -> Container {
        container(
            "\(project)-\(service)-\(number)",
            [(port, inner: 80)],
            created: number,
            labels: .init(
                composeProject: project,
                composeService: service,
                composeNumber: number,
                isOneOff: isOneOff,
            ),
        )
    }

    private func names(
        _ containers: Container...,
        speaksHTTP: ContainerNames.Knowledge = { _ in true },
    ) -> [String: [String]] {
        let results = ContainerNames(containers, speaksHTTP: speaksHTTP).results
        return Dictionary(
            uniqueKeysWithValues: results.map { ($0.container.name, $0.names.map(\.description)) }
        )
    }

    @Test func `a container has its own name`() {
        #expect(names(container("My_Web.1")) == ["My_Web.1": ["my-web-1"]])
        #expect(names(container("___")) == ["___": []])
    }

    @Test func `a service is under its project, whose name leads to the web service`() {
        let all = names(
            service("api", port: 8081),
            service("web", port: 8080),
            service("web", port: 8082, number: 2),
        )
        #expect(all["shop-api-1"] == ["api.shop"])
        #expect(all["shop-web-1"] == ["web.shop", "shop"])
        #expect(all["shop-web-2"] == ["web-2.shop"])
        #expect(names(service("api", port: 8081)) == ["shop-api-1": ["api.shop", "shop"]])
    }

    @Test func `labels count most`() {
        let named = container("x", labels: .init(name: "Api.Shop", composeProject: "p"))
        #expect(names(named) == ["x": ["api.shop"]])
        #expect(names(container("x", labels: .init(name: ""))) == ["x": []])
        #expect(names(container("x", labels: .init(name: "no name!"))) == ["x": []])
    }

    @Test func `of two that want a name the older one has it`() {
        let (new, old) = (
            container("new", created: 2, labels: .init(name: "web")),
            container("old", created: 1, labels: .init(name: "web")),
        )
        #expect(names(new, old) == ["old": ["web"], "new": []])
    }

    private func port(
        _ container: Container,
        _ knowledge: [Port: Bool] = [:],
    ) -> (port: Port?, unknown: [Port]) {
        let names = ContainerNames([container], speaksHTTP: { knowledge[$0] })
        return (names.results.first?.port?.port, names.unknownPorts)
    }

    @Test func `the only port that speaks HTTP is the one`() {
        let one = container("x", [(8080, inner: 80)])
        #expect(port(one) == (nil, [8080]))
        #expect(port(one, [8080: true]) == (8080, []))
        let two = container("x", [(9000, inner: 9000), (8080, inner: 8080)])
        #expect(port(two, [9000: false, 8080: true]) == (8080, []))
        #expect(port(two, [9000: true, 8080: true]) == (nil, []))
        // Later it may.
        #expect(port(two, [9000: false, 8080: false]) == (nil, [9000, 8080]))
        let web = container("x", [(9000, inner: 9000), (8080, inner: 80)])
        #expect(port(web, [9000: true, 8080: true]) == (8080, []))
    }

    @Test func `databases aren't asked, and have TCP names where their clients tell the name`() {
        let database = container("x", [(5433, inner: 5432)])
        #expect(port(database) == (5433, []))
        let results = ContainerNames([database], speaksHTTP: { _ in nil }).results
        #expect(results.map(\.isTCP) == [true])
        #expect(results.first?.names.map(\.description) == ["x"])
        #expect(port(container("x", [(3306, inner: 3306)])) == (nil, []))
        #expect(port(container("x", [(8443, inner: 8443)])) == (nil, []))
        let two = container("x", [(5433, inner: 5432), (6379, inner: 6379)])
        #expect(port(two) == (nil, []))
        let both = container("x", [(5432, inner: 5432), (8080, inner: 8080)])
        #expect(port(both, [8080: true]) == (8080, []))
        #expect(
            port(container("x", [(5433, inner: 5432)], labels: .init(port: "5432"))).port == 5433
        )
    }

    @Test func `a project's bare name leads to no database`() {
        var database = service("web", port: 5433)
        database.ports[0].inner = 5432
        #expect(names(database)["shop-web-1"] == ["web.shop"])
    }

    @Test(arguments: [
        ("", true, true), ("0.0.0.0", true, true), ("::", true, true), ("127.0.0.1", true, false),
        ("::1", true, false), ("192.168.1.5", false, true), ("nonsense", false, true),
    ]) func `addresses`(address: String, isReached: Bool, isExposed: Bool) {
        let published = Container.PublishedPort(address: address, port: 8080, inner: 80)
        #expect(published.answersLoopback == isReached)
        #expect(published.isExposed == isExposed)
        let knowledge: [Port: Bool] = [8080: true]
        #expect(
            port(container("x", address: address), knowledge).port == (isReached ? 8080 : nil)
        )
    }
}
