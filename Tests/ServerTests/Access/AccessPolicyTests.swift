import HostSystem
import Testing

@testable import Server

@Suite struct AccessPolicyTests {
    private let token = APIToken(String(repeating: "cd", count: 32))
    private let sessions: Sessions
    private var policy: AccessPolicy

    init() {
        sessions = Sessions(token: token) { Timestamp(seconds: 1_000) }
        policy = AccessPolicy(
            hosts: HostAllowlist(names: ["portless.localhost"]),
            token: token,
            sessions: sessions,
        )
    }

    private func facts(_ change: (inout RequestFacts) -> Void = { _ in }) -> RequestFacts {
        var facts = RequestFacts()
        facts.authority = "localhost:5555"
        change(&facts)
        return facts
    }

    private func code(_ facts: RequestFacts, for access: Operation.Access) -> String? {
        do {
            try policy.check(facts, for: access)
            return nil
        } catch {
            return error.code
        }
    }

    private func cookie() throws -> String { try #require(sessions.redeem(sessions.makeLink())) }

    @Test func `reading is open on loopback`() {
        #expect(code(facts(), for: .read) == nil)
        #expect(code(facts { $0.peers = ["127.0.0.1", "::1"] }, for: .read) == nil)
    }

    @Test func `reading takes the token from another computer`() {
        #expect(code(facts { $0.peers = ["192.168.1.9"] }, for: .read) == "TOKEN_NEEDED")
        // The proxy on this computer is the nearest peer of one that comes from elsewhere.
        let passedOn = facts { $0.peers = ["192.168.1.9", "127.0.0.1"] }
        #expect(code(passedOn, for: .read) == "TOKEN_NEEDED")
        let signed = facts {
            $0.peers = ["192.168.1.9"]
            $0.authorization = "Bearer \(token.text)"
        }
        #expect(code(signed, for: .read) == nil)
    }

    @Test mutating func `beyond loopback even a loopback peer needs the token`() {
        policy.isExposed = true
        #expect(code(facts(), for: .read) == "TOKEN_NEEDED")
        #expect(code(facts { $0.authorization = "Bearer \(token.text)" }, for: .read) == nil)
    }

    @Test func `a change takes the token or the cookie`() throws {
        #expect(code(facts(), for: .change) == "TOKEN_NEEDED")
        #expect(code(facts { $0.authorization = "bearer  \(token.text)" }, for: .change) == nil)
        let value = try cookie()
        let own = facts {
            $0.cookies = [Sessions.cookieName: value]
            $0.origin = "http://localhost:5555"
        }
        #expect(code(own, for: .change) == nil)
        #expect(code(own, for: .command) == "TOKEN_NEEDED")
    }

    @Test(arguments: ["", "Bearer", "Bearer ", "Bearer x", "Basic abc", "Bearer null"])
    func `a wrong token is refused, for reading too`(header: String) {
        #expect(code(facts { $0.authorization = header }, for: .read) == "WRONG_TOKEN")
    }

    @Test(arguments: [
        "http://localhost:3000", "http://evil.example", "null", "https://localhost:5556",
        "localhost:5555", "",
    ])
    func `a change from another origin is refused, with token or cookie`(origin: String) throws {
        let value = try cookie()
        let byCookie = facts {
            $0.cookies = [Sessions.cookieName: value]
            $0.origin = origin
        }
        #expect(code(byCookie, for: .change) == "FOREIGN_ORIGIN")
        let byToken = facts {
            $0.authorization = "Bearer \(token.text)"
            $0.origin = origin
        }
        #expect(code(byToken, for: .change) == "FOREIGN_ORIGIN")
    }

    @Test func `a cookie without an origin needs the browser's word`() throws {
        let value = try cookie()
        let bare = facts { $0.cookies = [Sessions.cookieName: value] }
        #expect(code(bare, for: .change) == "FOREIGN_ORIGIN")
        let told = facts {
            $0.cookies = [Sessions.cookieName: value]
            $0.fetchSite = "same-origin"
        }
        #expect(code(told, for: .change) == nil)
        let foreign = facts {
            $0.cookies = [Sessions.cookieName: value]
            $0.fetchSite = "same-site"
        }
        #expect(code(foreign, for: .change) == "FOREIGN_ORIGIN")
    }

    @Test func `a default port may be left out of an origin's authority`() throws {
        let value = try cookie()
        let own = facts {
            $0.authority = "portless.localhost"
            $0.cookies = [Sessions.cookieName: value]
            $0.origin = "https://portless.localhost"
        }
        #expect(code(own, for: .change) == nil)
    }

    @Test func `another name is refused before anything else`() {
        let rebound = facts {
            $0.authority = "evil.example"
            $0.authorization = "Bearer \(token.text)"
        }
        for access in [Operation.Access.read, .change, .command] {
            #expect(code(rebound, for: access) == "HOST_NOT_ALLOWED")
        }
    }
}
