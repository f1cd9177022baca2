import HostSystem
import PortlessCore
import Testing

@testable import Browser

@Suite struct NavigationRuleTests {
    private let rule: NavigationRule

    init() throws {
        rule = NavigationRule(
            tlds: [.localhost, try TLD(parsing: "test")],
            proxyPort: 1355,
        )
    }

    private func kind(_ url: String) -> AddressKind? {
        do {
            _ = try rule.target(of: url)
            return nil
        } catch .address(_, let kind) {
            return kind
        } catch {
            Issue.record("\(url): \(error)")
            return nil
        }
    }

    @Test(arguments: [
        "https://shop.localhost:1355", "http://shop.localhost:1355/a?b#c",
        "https://api.shop.test:1355/", "HTTPS://SHOP.LOCALHOST.:1355/",
    ])
    func `names that the proxy serves are permitted, on its port`(url: String) throws {
        let target = try rule.target(of: url)
        guard case .ours = target.host else {
            Issue.record("\(target)")
            return
        }
    }

    @Test(arguments: [
        "https://shop.localhost", "https://shop.localhost:5432", "http://shop.test:9229/json",
    ])
    func `a name on another port would be another program's`(url: String) {
        #expect(throws: NavigationRefusal.self) { try rule.target(of: url) }
    }

    @Test func `port 80 leads to a proxy on 443`() throws {
        let rule = NavigationRule(tlds: [.localhost], proxyPort: 443)
        #expect(try rule.target(of: "http://a.localhost").url == "http://a.localhost/")
        #expect(try rule.target(of: "https://a.localhost").url == "https://a.localhost/")
        #expect(throws: NavigationRefusal.self) { try rule.target(of: "http://a.localhost:81") }
    }

    @Test(arguments: [
        "http://localhost", "http://localhost:3000", "http://LOCALHOST.", "http://test:1355",
        "https://localhost:1355", "http://127.0.0.1", "http://127.0.0.1.:80",
        "http://127.1", "http://127.0.1", "http://2130706433", "http://0x7f000001",
        "http://0x7f.1", "http://0177.0.0.1", "http://017700000001", "http://127.8.9.1",
        "http://0", "http://0.0.0.0:22", "http://0x0", "http://[::1]", "http://[::]:5555",
        "http://[0:0:0:0:0:0:0:1]", "http://[::ffff:127.0.0.1]", "http://[::ffff:7f00:1]",
        "http://[::127.0.0.1]", "http://[64:ff9b::7f00:1]", "http://[2002:7f00:1::]",
        "http://[2001:0:0:0:0:0:80ff:fffe]", "http://[::ffff:0:7f00:1]",
    ])
    func `loopback is refused in every notation`(url: String) {
        #expect(kind(url) == .loopback, "\(url)")
    }

    @Test(arguments: [
        "http://169.254.169.254/latest/meta-data", "http://2852039166", "http://0xa9fea9fe",
        "http://[::ffff:169.254.169.254]", "http://[fd00:ec2::254]", "http://100.100.100.200",
        "http://169.254.170.2", "http://metadata.google.internal",
        "http://METADATA.google.internal.",
    ])
    func `the metadata of a cloud is refused`(url: String) {
        #expect(kind(url) == .metadata, "\(url)")
    }

    @Test func `link-local and special addresses are refused, those of the network are not`() {
        for url in ["http://169.254.1.1", "http://[fe80::1]", "http://[febf::1]"] {
            #expect(kind(url) == .linkLocal, "\(url)")
        }
        for url in ["http://224.0.0.1", "http://255.255.255.255", "http://[ff02::1]"] {
            #expect(kind(url) == .special, "\(url)")
        }
        for url in ["http://192.168.1.20:8080", "http://10.0.0.1", "http://[fd12::1]"] {
            #expect(throws: Never.self, "\(url)") { try rule.target(of: url) }
        }
    }

    @Test(arguments: [
        "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "chrome://settings",
        "view-source:http://example.com", "ftp://example.com", "about:blank",
    ])
    func `only http and https are opened`(url: String) {
        do {
            _ = try rule.target(of: url)
            Issue.record("\(url) is permitted")
        } catch .scheme {
        } catch {
            Issue.record("\(url): \(error)")
        }
    }

    @Test(arguments: [
        "http://user@127.0.0.1", "http://example.com@127.0.0.1/", "http://a:b@shop.localhost:1355",
    ])
    func `a host behind a name and password isn't what it looks like`(url: String) {
        #expect(throws: NavigationRefusal.userInformation) { try rule.target(of: url) }
    }

    @Test(arguments: [
        "", "http:", "http://", "http:/example.com", "http:\\\\example.com", "http://a b",
        "http://exa\tmple.com", " http://example.com", "http://example.com\n", "http://１２７.０.０.１",
        "http://ⓛocalhost", "http://%31%32%37.0.0.1", "http://127.0.0.1%00.example.com",
        "http://example.com:0", "http://example.com:65536", "http://example.com:8x", "http://[::1",
        "http://[::1]x", "http://[fe80::1%25eth0]", "http://[1.2.3.4]", "http://1.2.3.4.5",
        "http://256.1.1.1", "http://1.2.3.08", "http://4294967296", "http://a..b",
        "http://example.com\\@127.0.0.1/", "http://münchen.example", "http://-a.example",
        "http://..", "http://.",
    ])
    func `what browsers could read in another way is refused`(url: String) {
        #expect(throws: NavigationRefusal.self) { try rule.target(of: url) }
    }

    @Test func `an endless URL is refused`() {
        let url = "http://example.com/" + String(repeating: "a", count: 9000)
        #expect(throws: NavigationRefusal.self) { try rule.target(of: url) }
    }

    @Test func `other names are judged by their addresses`() throws {
        let target = try rule.target(of: "https://xn--mnchen-3ya.example/straße?q=1")
        #expect(target.url == "https://xn--mnchen-3ya.example/straße?q=1")
        #expect(throws: Never.self) { try rule.judge([IPAddress("192.0.2.1")!], of: target) }
        for address in ["127.0.0.1", "::1", "169.254.169.254", "::ffff:10.0.0.1", "0.0.0.0"] {
            let isRefused = (try? rule.judge([IPAddress(address)!], of: target)) == nil
            #expect(isRefused == (address != "::ffff:10.0.0.1"), "\(address)")
        }
    }

    @Test func `the browser's own connection has the last word`() throws {
        #expect(throws: NavigationRefusal.self) {
            try rule.judge(peer: "127.0.0.1", of: "http://rebound.example/")
        }
        #expect(throws: NavigationRefusal.self) {
            try rule.judge(peer: "[::1]", of: "http://rebound.example/")
        }
        try rule.judge(peer: "127.0.0.1", of: "https://shop.localhost:1355/")
        try rule.judge(peer: "192.0.2.7", of: "http://rebound.example/")
    }

    @Test func `no text makes a sentence with control characters`() {
        for url in ["http://\u{1B}[31m", "\u{1B}[31m://a", "http://a\u{202E}b"] {
            do {
                _ = try rule.target(of: url)
                Issue.record("\(url) is permitted")
            } catch {
                #expect(!error.description.unicodeScalars.contains { $0.value == 0x1B })
            }
        }
    }
}
