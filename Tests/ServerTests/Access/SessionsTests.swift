import HostSystem
import Synchronization
import Testing

@testable import Server

@Suite struct SessionsTests {
    /// A clock that a test moves.
    private final class Clock: Sendable {
        let time = Mutex(Timestamp(seconds: 1_000))

        func advance(_ duration: Duration) {
            time.withLock { $0 = $0.advanced(by: duration) }
        }
    }

    private let clock = Clock()
    private let sessions: Sessions

    init() {
        let clock = clock
        sessions = Sessions(token: APIToken("t")) { clock.time.withLock { $0 } }
    }

    @Test func `a link works once`() throws {
        let code = sessions.makeLink()
        #expect(sessions.redeem(code) != nil)
        #expect(sessions.redeem(code) == nil)
        #expect(sessions.redeem("0000") == nil)
    }

    @Test func `a link is good for two minutes`() {
        let early = sessions.makeLink()
        clock.advance(.seconds(120))
        #expect(sessions.redeem(early) != nil)
        let late = sessions.makeLink()
        clock.advance(.seconds(121))
        #expect(sessions.redeem(late) == nil)
    }

    @Test func `the number of links is bounded`() {
        let first = sessions.makeLink()
        for _ in 0..<40 { _ = sessions.makeLink() }
        #expect(sessions.redeem(first) == nil)
    }

    @Test func `the cookie is good for a month, and survives a restart`() throws {
        let cookie = try #require(sessions.redeem(sessions.makeLink()))
        #expect(sessions.isValid(cookie))
        let clock = clock
        let next = Sessions(token: APIToken("t")) { clock.time.withLock { $0 } }
        #expect(next.isValid(cookie))
        clock.advance(Sessions.lifetime + .seconds(1))
        #expect(!next.isValid(cookie))
    }

    @Test func `a cookie of another token is worth nothing`() throws {
        let cookie = try #require(sessions.redeem(sessions.makeLink()))
        #expect(!Sessions(token: APIToken("u")) { Timestamp(seconds: 1_000) }.isValid(cookie))
    }

    @Test func `a longer life can't be written into a cookie`() throws {
        let cookie = try #require(sessions.redeem(sessions.makeLink()))
        let code = try #require(cookie.split(separator: ".").last)
        #expect(!sessions.isValid("99999999999.\(code)"))
        #expect(!sessions.isValid("\(cookie)0"))
        #expect(!sessions.isValid(""))
        #expect(!sessions.isValid("."))
    }
}
