import HostSystem
import PortlessCore
import SwiftASN1
import Synchronization
import TestSupport
import Testing
import X509

@testable import Machine

@Suite struct LeafCacheTests {
    private let issuer: LeafIssuer

    init() throws {
        let minted = try CertificateAuthority.mint(for: .domains(NameScope.usual), at: someTime)
        issuer = LeafIssuer(authority: minted.authority)
    }

    private func cache(
        capacity: Int = 8,
        isServed: @escaping @Sendable (Hostname) -> Bool = { _ in true },
    ) throws -> LeafCache {
        LeafCache(
            issuer: issuer,
            topLevelDomains: [try name("localhost")],
            capacity: capacity,
            isServed: isServed,
        )
    }

    @Test func `a name is minted once`() throws {
        let cache = try cache()
        let first = try cache.leaf(for: try name("app.localhost"), at: someTime)
        let second = try cache.leaf(
            for: try name("app.localhost"),
            at: someTime.advanced(byDays: 300),
        )
        #expect(first == second)
    }

    @Test func `a name that isn't served gets a leaf of its own under the configured domains only`()
        throws
    {
        let cache = try cache(isServed: { _ in false })
        let unnamed = try cache.leaf(for: nil, at: someTime)
        let stopped = try cache.leaf(for: try name("stopped.localhost"), at: someTime)
        #expect(stopped != unnamed)
        #expect(try cache.leaf(for: try name("stopped.localhost"), at: someTime) == stopped)
        // The CA may sign for these, and they are not configured.
        #expect(try cache.leaf(for: try name("stopped.test"), at: someTime) == unnamed)
        #expect(cache.count == 0)
        #expect(cache.unservedCount == 1)
    }

    @Test func `unserved names are minted 20 times a second, and have bounded room of their own`()
        throws
    {
        let cache = try cache(capacity: 2, isServed: { $0.description == "app.localhost" })
        let start = ContinuousClock.now
        let app = try cache.leaf(for: try name("app.localhost"), at: someTime, instant: start)
        let unnamed = try cache.leaf(for: nil, at: someTime)
        func minted(at instant: ContinuousClock.Instant, _ names: Range<Int>) throws -> Int {
            try names.count { index in
                let host = try name("x\(index).localhost")
                return try cache.leaf(for: host, at: someTime, instant: instant) != unnamed
            }
        }
        #expect(try minted(at: start, 0..<50) == 20)
        #expect(try minted(at: start.advanced(by: .milliseconds(900)), 50..<100) == 0)
        for second in 1...10 {
            let instant = start.advanced(by: .seconds(second))
            #expect(try minted(at: instant, (second * 100)..<(second * 100 + 30)) == 20)
        }
        #expect(cache.unservedCount == 128)
        #expect(try cache.leaf(for: try name("app.localhost"), at: someTime) == app)
    }

    @Test func `a name that gets served keeps its leaf`() throws {
        let isServed = Mutex(false)
        let cache = try cache(isServed: { _ in isServed.withLock { $0 } })
        let before = try cache.leaf(for: try name("app.localhost"), at: someTime)
        isServed.withLock { $0 = true }
        #expect(try cache.leaf(for: try name("app.localhost"), at: someTime) == before)
        #expect(cache.count == 1)
        #expect(cache.unservedCount == 0)
    }

    @Test func `plain localhost gets a certificate without addresses, no name one with them`()
        throws
    {
        let cache = try cache(isServed: { _ in false })
        func hasAddress(_ host: Hostname?) throws -> Bool {
            let leaf = try cache.leaf(for: host, at: someTime)
            let certificate = try Certificate(derEncoded: try #require(leaf.chain.first))
            let names = try #require(try certificate.extensions.subjectAlternativeNames)
            return names.contains { if case .ipAddress = $0 { true } else { false } }
        }
        #expect(try !hasAddress(try name("localhost")))
        #expect(try hasAddress(nil))
    }

    @Test func `a name that the CA may not sign for gets the certificate of localhost`() throws {
        let cache = try cache()
        let leaf = try cache.leaf(for: try name("example.com"), at: someTime)
        #expect(leaf == (try cache.leaf(for: nil, at: someTime)))
    }

    @Test func `the certificate unused for longest makes room`() throws {
        let cache = try cache(capacity: 2)
        let names = try ["a.test", "b.test", "c.test"].map { try name($0) }
        let a = try cache.leaf(for: names[0], at: someTime)
        let b = try cache.leaf(for: names[1], at: someTime)
        _ = try cache.leaf(for: names[0], at: someTime)
        _ = try cache.leaf(for: names[2], at: someTime)

        #expect(cache.count == 2)
        #expect(try cache.leaf(for: names[0], at: someTime) == a)
        #expect(try cache.leaf(for: names[1], at: someTime) != b)
    }

    @Test(arguments: [-3, 391, 500])
    func `a clock that has moved out of the validity mints a new one`(days: Int) throws {
        let cache = try cache()
        let later = someTime.advanced(byDays: days)
        for name in [try name("app.localhost"), nil] {
            let before = try cache.leaf(for: name, at: someTime)
            let after = try cache.leaf(for: name, at: later)
            #expect(before != after)
            // Before the CA's own time nothing can be valid; minting must not fail all the same.
            if days > 0 { #expect(after.isValid(at: later.advanced(byDays: 7))) }
        }
    }

    @Test func `a CA that another process has made is taken up, a broken one isn't`() throws {
        try TemporaryDirectory.with { path in
            let store = AuthorityStore(directory: StateDirectory(path: path))
            let first = try store.prepare(topLevelDomains: []).authority
            let cache = LeafCache(
                issuer: LeafIssuer(authority: first),
                store: store,
                topLevelDomains: [],
                isServed: { _ in true },
            )
            let host = try name("app.localhost")
            let before = try cache.leaf(for: host)
            #expect(try cache.leaf(for: host) == before)

            let second = try store.prepare(topLevelDomains: [try name("internal")]).authority
            let after = try cache.leaf(for: host)
            #expect(after.chain[1] == second.der)
            #expect(try cache.leaf(for: nil).chain[1] == second.der)

            try AtomicFile.write("half".utf8, to: store.directory[.caCertificate])
            #expect(try cache.leaf(for: host) == after)
            try FileSystem.removeFile(store.directory[.caCertificate])
            #expect(try cache.leaf(for: host) == after)
        }
    }
}
