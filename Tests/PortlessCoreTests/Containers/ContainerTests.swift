import Testing

@testable import PortlessCore

@Suite struct ContainerTests {
    private func container(_ json: String) throws -> Container? {
        try Container(JSONValue(parsing: json.utf8))
    }

    @Test func `Docker's list is understood`() throws {
        let container = try container(
            """
            {"Id": "8dfafdbc3a40", "Names": ["/shop-web-1", "/other/web"], "Image": "nginx",
             "Created": 1367854155, "State": "running", "Status": "Up 2 minutes",
             "Ports": [{"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
                       {"IP": "::", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
                       {"PrivatePort": 443, "Type": "tcp"},
                       {"IP": "0.0.0.0", "PrivatePort": 53, "PublicPort": 53, "Type": "udp"}],
             "Labels": {"com.docker.compose.project": "shop", "com.docker.compose.service": "web",
                        "com.docker.compose.container-number": "1",
                        "com.docker.compose.oneoff": "False"},
             "HostConfig": {"NetworkMode": "shop_default"}}
            """
        )
        #expect(
            container
                == Container(
                    id: "8dfafdbc3a40",
                    name: "shop-web-1",
                    created: 1_367_854_155,
                    ports: [
                        .init(address: "0.0.0.0", port: 8080, inner: 80),
                        .init(address: "::", port: 8080, inner: 80),
                    ],
                    labels: .init(composeProject: "shop", composeService: "web", composeNumber: 1),
                )
        )
    }

    @Test func `Podman's differences and nulls are understood`() throws {
        let podman = try container(
            """
            {"Id": "1", "Names": ["/web"], "Labels": null, "State": "running",
             "Ports": [{"IP": "", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"}]}
            """
        )
        #expect(podman?.ports == [.init(address: "", port: 8080, inner: 80)])
        #expect(podman?.ports.first?.answersLoopback == true)
        #expect(podman?.ports.first?.isExposed == true)
        let bare = try container(#"{"Id": "abcdefabcdefabcdef", "Names": null, "Ports": null}"#)
        #expect(bare?.name == "abcdefabcdef")
        #expect(try container(#"{"Id": "1", "State": "paused"}"#) == nil)
    }

    @Test(arguments: [
        "null", "[]", "1", "{}", #"{"Id": 1}"#, #"{"Id": ""}"#,
    ]) func `what is no container is none`(json: String) throws {
        #expect(try container(json) == nil)
    }

    @Test func `impossible ports are left out`() throws {
        let hostile = try container(
            """
            {"Id": "1", "Ports": [1, null, {}, {"PrivatePort": 80, "PublicPort": 0},
             {"PrivatePort": 80, "PublicPort": 70000}, {"PrivatePort": -1, "PublicPort": 80},
             {"PrivatePort": 1e99, "PublicPort": 80}]}
            """
        )
        #expect(hostile?.ports == [])
    }

    @Test func `an element that can't be read doesn't hide the others`() throws {
        let list = Array(#" [{"a": "]}\""}, {broken}, [1, 2], "x"] "#.utf8)
        let elements = JSONElements.of(list, limit: 10)
        #expect(elements?.count == 3)
        #expect(JSONElements.of(Array("{}".utf8), limit: 10) == nil)
        #expect(JSONElements.of(Array("[1, 2".utf8), limit: 10) == nil)
        #expect(JSONElements.of([], limit: 10) == nil)
        #expect(JSONElements.of(Array("[]".utf8), limit: 10) == [])
        #expect(JSONElements.of(Array("[1,2,3]".utf8), limit: 2)?.count == 2)
    }
}
