import Testing

@testable import PortlessCore

@Suite struct RemoteHostTests {
    @Test(arguments: [
        ("dev@box", "box"), ("box.example.com", "box"), ("ssh://dev@Box:2222", "box"),
        ("192.168.1.20", "192-168-1-20"), ("ssh://dev@[fe80::1]:22/", "fe80-1"),
        ("my_box", "my-box"),
        ("dev@corp@jump.example", "jump"),
    ])
    func `a machine gives its names its own name`(text: String, name: String) throws {
        let host = try RemoteHost(parsing: text)
        #expect(host.name == name)
        #expect(host.destination == text)
    }

    @Test(arguments: [
        "", "-oProxyCommand=touch x", "dev@-oProxyCommand=x", "ssh://-x", "ssh://dev@-x:22", "a b",
        "box;reboot", "$(reboot)", "box\u{1B}[2J", "dev@", "ssh://", "böx", "box\nx", "`x`", "a'b",
        String(repeating: "a", count: 256),
    ])
    func `what could be an option or a command is no machine`(text: String) {
        #expect(throws: RemoteHostError.self) { try RemoteHost(parsing: text) }
    }

    @Test(arguments: ["", "Box", "a.b", "-x", "x y", "ä"])
    func `a name that can't be a label is refused`(name: String) {
        #expect(throws: RemoteHostError.self) { try RemoteHost(parsing: "dev@box", as: name) }
    }

    @Test func `a machine without letters and digits needs a name`() throws {
        #expect(throws: RemoteHostError.nameless("_")) { try RemoteHost(parsing: "_") }
        #expect(try RemoteHost(parsing: "_", as: "box").name == "box")
    }
}
