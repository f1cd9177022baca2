import HostSystem
import PortlessCore
import SystemPackage
import Testing

@testable import portless

@Suite struct ContainerArgumentsTests {
    private let reach = ContainerReach(
        names: ["api.shop.localhost", "web.localhost"].compactMap { Hostname($0) },
        host: "172.17.0.1",
        authorityFile: "/state/ca.pem",
        bundleFile: "/state/ca-bundle.pem",
    )

    @Test func `docker run gets the names, the authority and the variables in front`() throws {
        let arguments = DockerRunArguments.make(
            name: try AppName(parsing: "web"),
            port: 80,
            reach: reach,
            user: ["-e", "CURL_CA_BUNDLE=/own", "--rm", "nginx", "-g", "x"],
        )
        #expect(arguments.starts(with: ["run", "--label", "dev.portless.name=web"]))
        #expect(arguments.suffix(6) == ["-e", "CURL_CA_BUNDLE=/own", "--rm", "nginx", "-g", "x"])
        let text = arguments.joined(separator: " ")
        for part in [
            "--label dev.portless.port=80", "--publish 127.0.0.1::80",
            "--add-host api.shop.localhost:172.17.0.1", "--add-host web.localhost:172.17.0.1",
            "--add-host host.docker.internal:172.17.0.1",
            "--volume /state/ca.pem:/etc/portless/ca.pem:ro",
            "--volume /state/ca-bundle.pem:/etc/portless/ca-bundle.pem:ro",
            "--env NODE_EXTRA_CA_CERTS=/etc/portless/ca.pem",
            "--env SSL_CERT_FILE=/etc/portless/ca-bundle.pem",
        ] { #expect(text.contains(part), "\(part)") }
    }

    @Test(arguments: [
        ["--network", "host", "x"], ["--net=container:db", "x"], ["--network=none", "x"],
    ]) func `a container without a hosts file of its own gets no names`(user: [String]) {
        let arguments = DockerRunArguments.make(name: nil, port: nil, reach: reach, user: user)
        #expect(!arguments.contains("--add-host"))
        #expect(arguments.contains("--volume"))
    }

    @Test func `plain HTTP takes neither authority nor variables`() {
        let plain = ContainerReach(names: [], host: "host-gateway")
        let arguments = DockerRunArguments.make(name: nil, port: nil, reach: plain, user: ["x"])
        #expect(arguments == ["run", "x"])
    }

    @Test func `Compose's own flags are told from the subcommand's`() {
        let call = ComposeArguments([
            "-f", "a.yml", "--file=b.yml", "-p", "shop", "--dry-run", "up", "-d", "-f", "web",
        ])
        #expect(call.flags == ["-f", "a.yml", "--file=b.yml", "-p", "shop", "--dry-run"])
        #expect(call.files == ["a.yml", "b.yml"])
        #expect(call.rest == ["up", "-d", "-f", "web"])
        #expect(call.createsContainers)
        #expect(
            call.adding("/o.yaml", found: ["/c.yaml"])
                == ["compose"] + call.flags + ["--file", "/o.yaml"] + call.rest
        )
        let plain = ComposeArguments(["up"])
        #expect(
            plain.adding("/o.yaml", found: ["/c.yaml"])
                == ["compose", "--file", "/c.yaml", "--file", "/o.yaml", "up"]
        )
        #expect(!ComposeArguments(["logs", "-f"]).createsContainers)
        #expect(!ComposeArguments([]).createsContainers)
    }

    @Test func `Compose's files are found as it finds them`() {
        func find(_ files: Set<FilePath>, _ environment: [String: String] = [:]) -> [String] {
            ComposeFiles.find(in: "/p/sub", environment: environment, exists: files.contains)
        }
        #expect(find(["/p/compose.yaml"]) == ["/p/compose.yaml"])
        #expect(
            find(["/p/sub/docker-compose.yml", "/p/sub/compose.override.yml", "/p/compose.yaml"])
                == ["/p/sub/docker-compose.yml", "/p/sub/compose.override.yml"]
        )
        #expect(find([], ["COMPOSE_FILE": "a.yml:b.yml"]) == ["a.yml", "b.yml"])
        #expect(
            find([], ["COMPOSE_FILE": "a.yml;b.yml", "COMPOSE_PATH_SEPARATOR": ";"])
                == ["a.yml", "b.yml"]
        )
        #expect(find([]) == [])
    }

    private func project(_ json: String) throws -> ComposeProject? {
        try ComposeProject(JSONValue(parsing: json.utf8))
    }

    @Test func `the override adds to each service what it lacks, and moves taken ports`() throws {
        let project = try #require(
            try project(
                """
                {"name": "shop", "services": {
                  "web": {"environment": {"SSL_CERT_FILE": "/own", "X": null},
                          "ports": [{"mode": "ingress", "target": 80, "published": "8080",
                                     "protocol": "tcp"},
                                    {"target": 53, "published": "5353", "protocol": "udp",
                                     "host_ip": "127.0.0.1"}]},
                  "near": {"network_mode": "service:web"},
                  "range": {"ports": [{"target": 81, "published": "8080-8090"}]}}}
                """
            )
        )
        #expect(
            project.names.map(\.description) == [
                "web.shop", "near.shop", "range.shop", "shop",
            ]
        )
        let override = ComposeOverride(of: project, reach: reach) { $0 == 8080 }
        #expect(override.moved.map(\.port) == [8080])
        let services = override.text.split(separator: "  \"near\":")
        let web = try #require(services.first)
        #expect(web.contains(#"extra_hosts: ["api.shop.localhost:172.17.0.1","#))
        #expect(!web.contains("SSL_CERT_FILE"))
        #expect(web.contains(#"      CURL_CA_BUNDLE: "/etc/portless/ca-bundle.pem""#))
        #expect(
            web.contains(
                """
                    ports: !override
                      - target: 80
                      - target: 53
                        published: "5353"
                        host_ip: "127.0.0.1"
                        protocol: udp
                """
            )
        )
        #expect(services.last?.contains("extra_hosts") == true)  // That of `range`.
        #expect(services.last?.contains("!override") == false)
        let near = try #require(services.last?.split(separator: "  \"range\":").first)
        #expect(!near.contains("extra_hosts"))
    }

    @Test func `names from a project can't break out of the override`() throws {
        let project = ComposeProject(name: "x", services: [.init(name: "a: {}\n\"$HOME")])
        let override = ComposeOverride(
            of: project,
            reach: ContainerReach(names: [], host: "x"),
            isTaken: { _ in false },
        )
        #expect(override.text == "services:\n  \"a: {}\\n\\\"$$HOME\": {}\n")
        #expect(try self.project("[]") == nil)
        #expect(try self.project(#"{"name": 1, "services": {}}"#) == nil)
    }

    private func admits(_ peer: String, at local: String = "172.17.0.1") -> Bool {
        func interface(_ name: String, _ address: String, _ length: Int) -> NetworkInterface? {
            IPAddress(address).map {
                NetworkInterface(
                    name: name,
                    address: $0,
                    prefixLength: length,
                    hardwareAddress: [],
                )
            }
        }
        guard let bridge = IPAddress("172.17.0.1") else { return false }
        return ContainerPeers.admits(
            peer,
            at: local,
            bridge: bridge,
            interfaces: {
                [
                    interface("docker0", "172.17.0.1", 16),
                    interface("br-0123456789ab", "172.20.0.1", 16),
                    interface("eth0", "192.168.1.5", 24), interface("br-lan", "10.0.0.1", 8),
                    interface("wlan0", "2001:db8::5", 64),
                ].compactMap(\.self)
            },
        )
    }

    @Test func `only containers come by the bridge`() {
        #expect(admits("172.17.0.9"))
        #expect(admits("172.20.4.4"))
        #expect(admits("::ffff:172.17.0.9", at: "::ffff:172.17.0.1"))
        #expect(!admits("192.168.1.9"))
        #expect(!admits("10.0.0.9"))
        #expect(!admits("8.8.8.8"))
        #expect(!admits("172.17.0.9", at: "192.168.1.5"))
        #expect(!admits("2001:db8::9"))
        #expect(!admits("nonsense"))
    }
}
